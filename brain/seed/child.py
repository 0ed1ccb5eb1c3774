"""The program inside a skill's process: limits itself, imports ahead, waits for one job, does it.

Started as `python child.py MEMORY_BYTES CPU_S MODULE…`. It never sees the worker's environment. When the
worker goes, however it goes, its end of the standard input closes and this process ends.
"""

import contextlib
import importlib
import json
import os
import resource
import runpy
import sys
import threading
from pathlib import Path

_MAX_FILE_BYTES = 2 << 30
_MAX_FILES = 256
OUT_OF_MEMORY = 77
"""The exit status that tells the worker so."""


def main() -> None:
    """Waits for one assignment on the standard input, and runs its script."""
    memory_bytes, cpu_s, *modules = sys.argv[1:]
    _limit(int(memory_bytes), int(cpu_s))
    for module in modules:
        with contextlib.suppress(ImportError):  # the script that needs it will say so
            importlib.import_module(module)
    line = sys.stdin.readline()
    if not line:
        return
    assignment = json.loads(line)
    threading.Thread(target=_end_with_the_worker, daemon=True).start()
    workspace = Path(assignment["workspace"])
    os.chdir(workspace)
    os.environ.update(HOME=str(workspace), TMPDIR=str(workspace))
    sys.argv = [assignment["script"]]
    sys.path.insert(0, str(Path(assignment["script"]).parent))
    try:
        runpy.run_path(assignment["script"], run_name="__main__")
    except MemoryError:
        os._exit(OUT_OF_MEMORY)


def _limit(memory_bytes: int, cpu_s: int) -> None:
    """RLIMIT_DATA rather than RLIMIT_AS: allocators reserve far more addresses than they use."""
    limits = {
        resource.RLIMIT_DATA: memory_bytes,
        resource.RLIMIT_CPU: cpu_s,
        resource.RLIMIT_FSIZE: _MAX_FILE_BYTES,
        resource.RLIMIT_NOFILE: _MAX_FILES,
        resource.RLIMIT_CORE: 0,
    }
    for what, most in limits.items():
        _, hard = resource.getrlimit(what)
        value = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (value, value))


def _end_with_the_worker() -> None:
    while sys.stdin.read(1):
        pass
    os._exit(1)


if __name__ == "__main__":
    main()
