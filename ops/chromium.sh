#!/bin/sh
# Sees to a Chromium for the browser tests, from the system's own packages. Never fails: without one,
# those tests are skipped, and say so.
for name in chromium chromium-browser google-chrome google-chrome-stable; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done
[ -d "/Applications/Google Chrome.app" ] && exit 0

as_root=
if [ "$(id -u)" != 0 ]; then
    as_root='sudo -n'
    sudo -n true 2>/dev/null || as_root=none
fi
if [ "$as_root" != none ]; then
    echo "· Installing Chromium from the system's packages, for the browser tests" >&2
    if command -v apt-get >/dev/null 2>&1; then
        { $as_root apt-get update -qq && $as_root apt-get install -y -qq --no-install-recommends chromium; } >/dev/null && exit 0
    elif command -v dnf >/dev/null 2>&1; then
        $as_root dnf install -y -q chromium >/dev/null && exit 0
    elif command -v apk >/dev/null 2>&1; then
        $as_root apk add -q chromium >/dev/null && exit 0
    fi
fi
echo "· No Chromium, and it may not be installed from here: the browser tests are skipped." >&2
echo "  Install the package 'chromium' to run them." >&2
exit 0
