"""Paths that the model names, held within its workspace."""

import stat
from pathlib import Path

from brain.seed.agent.desk import ToolRefused


def place_in(workspace: Path, path: str) -> Path:
    """Where a relative path leads, whatever links lie on the way.

    Raises:
        ToolRefused: It leads out of the workspace.
    """
    root = workspace.resolve()
    if "\x00" in path:
        raise ToolRefused("A path cannot hold NUL.")
    try:
        found = (root / path).resolve()
    except (OSError, RuntimeError) as error:
        raise ToolRefused(f"{path} cannot be followed: {error}") from error
    if not found.is_relative_to(root):
        raise ToolRefused(f"{path} is outside of your workspace; paths are relative to it.")
    return found


def file_at(workspace: Path, path: str) -> Path:
    """A regular file that exists.

    Raises:
        ToolRefused: There is none, or it is something else.
    """
    found = place_in(workspace, path)
    try:
        mode = found.stat().st_mode
    except OSError:
        raise ToolRefused(f"There is no file {path}. `list_files` shows what is there.") from None
    if not stat.S_ISREG(mode):
        raise ToolRefused(f"{path} is no file.")
    return found
