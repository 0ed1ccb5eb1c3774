"""The sandboxes of this machine, each tried once."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path

import pytest

from brain.seed.sandbox import Sandbox, SandboxUnavailable
from brain.seed.sandbox.bubblewrap import Bubblewrap
from brain.seed.sandbox.landlock import Landlock

_SYSTEM_PYTHON = "/usr/bin/python3"


def _python_for_anyone() -> str:
    """As root, Landlock's box becomes a user who may not enter root's home."""
    hidden = os.geteuid() == 0 and any(
        not parent.stat().st_mode & 0o001 for parent in Path(sys.executable).resolve().parents
    )
    return _SYSTEM_PYTHON if hidden and Path(_SYSTEM_PYTHON).exists() else sys.executable


_FINDERS: dict[str, Callable[[], Awaitable[Bubblewrap | Landlock]]] = {
    "bubblewrap": Bubblewrap.find,
    "landlock": lambda: Landlock.find(_python_for_anyone()),
}
KINDS = tuple(_FINDERS)


@cache
def _found(kind: str) -> Sandbox | str:
    try:
        return asyncio.run(Sandbox.tried(_FINDERS[kind]))
    except SandboxUnavailable as missing:
        return str(missing)


def the_sandbox(kind: str) -> Sandbox:
    """The one of this kind; a test that asks for it is skipped where there is none."""
    found = _found(kind)
    if isinstance(found, str):
        pytest.skip(found)
    return found


def names_in(folder: Path) -> list[str]:
    """What lies in a folder, sorted."""
    return sorted(path.name for path in folder.iterdir())


def below(folder: Path) -> list[Path]:
    """What lies in a folder and in its folders."""
    return list(folder.rglob("*"))


def open_to_all(folder: Path) -> None:
    """So that no permission hides what a sandbox ought to hide."""
    folder.chmod(0o777)
