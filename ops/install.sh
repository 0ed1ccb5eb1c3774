#!/bin/sh
# Makes .venv and installs the packages of a lock file, then this project, into it.
# Nothing outside .venv is touched. Needs Python >= 3.11 and a package index, nothing else.
set -eu
lock=$1
SELDOM='/(tests?|phonenumbers/[a-z]*data|faker|twilio/rest/[b-z][a-z_]*|google/(genai|cloud|api)|scaleway_async|openai|anthropic|numba|mypyc?|pip|pygments/lexers|fontTools|huggingface_hub|onnxruntime/(tools|quantization|transformers)|docutils|kubernetes_validate)/'

say() { printf '· %s\n' "$*" >&2; }
fail() { printf '%s\n' "$*" >&2; exit 1; }
is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    for candidate in ${PYTHON:+"$PYTHON"} python3 python3.13 python3.12 python3.11 python; do
        if is_new_enough "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    fail "Python 3.11 or later is needed; $(python3 --version 2>&1 || echo 'no python3') was found." \
        "Install it (for example: apt-get install python3.11 python3.11-venv), or name it: make run PYTHON=/path/to/python3."
}

make_venv() {
    python=$(find_python)
    say "Making .venv with $("$python" --version)"
    rm -rf .venv
    if uv --version >/dev/null 2>&1; then
        uv venv --quiet --python "$python" .venv
    elif "$python" -c 'import ensurepip' 2>/dev/null; then
        "$python" -m venv .venv
    elif "$python" -m pip --version >/dev/null 2>&1; then
        "$python" -m venv --without-pip .venv
    else
        fail "This Python has neither venv nor pip, which Debian and Ubuntu ship apart." \
            "Install one package: apt-get install python3-venv"
    fi
}

# Prints the command; uv of the machine first, else one of our own inside .venv.
find_uv() {
    if uv --version >/dev/null 2>&1; then
        echo uv
    elif .venv/bin/uv --version >/dev/null 2>&1; then
        echo .venv/bin/uv
    elif .venv/bin/python -m pip --version >/dev/null 2>&1; then
        say "Fetching uv, which installs the rest"
        .venv/bin/python -m pip install --quiet --disable-pip-version-check uv >&2
        echo .venv/bin/uv
    else
        say "Fetching uv, which installs the rest"
        "$(find_python)" -m pip install --quiet --disable-pip-version-check --target .venv/uv uv >&2
        echo .venv/uv/bin/uv
    fi
}

is_new_enough .venv/bin/python || make_venv
uv=$(find_uv)
say "Installing $(grep -c '^[a-z]' "$lock") packages from $lock (the first time, this may download some hundred megabytes)"
"$uv" pip install --python .venv/bin/python --require-hashes -r "$lock"
# Compiled now, or every start of every part pays for it where Python may not write its cache. Half of what is
# installed is hardly ever imported: tests, languages, countries, vendors' whole catalogues.
.venv/bin/python -m compileall -q -j 0 -x "$SELDOM" .venv/lib/python3.*/site-packages || true
say "Installing this project"
"$uv" pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation -e ledger/sdk -e .
.venv/bin/python -m compileall -q brain gateway ledger ops ui voice
