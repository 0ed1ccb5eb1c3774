"""Files in the attempt's own workspace."""

from itertools import islice
from typing import Any

from strands import tool

from brain.seed.agent.desk import Desk, ToolRefused
from brain.seed.agent.tools.places import file_at, place_in

_MOST_LISTED = 500
_LONGEST_READ = 20_000
_LARGEST_WRITE = 2_000_000
_LARGEST_EDITED = 5_000_000


class FileTools:
    """`list_files`, `read_file`, `write_file`, `edit_file`."""

    def __init__(self, desk: Desk) -> None:
        self._workspace = desk.workspace

    def all(self) -> list[Any]:
        """As Strands takes them."""
        return [self.list_files, self.read_file, self.write_file, self.edit_file]

    @tool
    def list_files(self) -> str:
        """List all files of your workspace, with their sizes in bytes."""
        found = sorted(
            path for path in self._workspace.rglob("*") if path.is_file() and not path.is_symlink()
        )
        lines = [
            f"{path.relative_to(self._workspace).as_posix()}  {path.stat().st_size}"
            for path in islice(found, _MOST_LISTED)
        ]
        if len(found) > _MOST_LISTED:
            lines.append(f"… and {len(found) - _MOST_LISTED} more")
        return "\n".join(lines) or "There are no files yet."

    @tool
    def read_file(self, path: str, offset: int = 0) -> str:
        """Read a text file, 20,000 characters at a time.

        Args:
            path: Relative to your workspace.
            offset: Where to begin, in bytes.
        """
        found = file_at(self._workspace, path)
        with found.open("rb") as file:
            file.seek(max(offset, 0))
            piece = file.read(_LONGEST_READ)
            more = file.read(1) != b""
        if b"\x00" in piece:
            raise ToolRefused(f"{path} is not text. Use a command or a skill to look into it.")
        text = piece.decode("utf-8", errors="replace")
        return f"{text}\n… (go on with offset={max(offset, 0) + len(piece)})" if more else text

    @tool
    def write_file(self, path: str, content: str) -> str:
        """Write a text file; one that is there is replaced.

        Args:
            path: Relative to your workspace; missing folders are made.
            content: All of it.
        """
        encoded = content.encode("utf-8", errors="replace")
        if len(encoded) > _LARGEST_WRITE:
            raise ToolRefused("content: this is too much for one call; write it with a program.")
        found = place_in(self._workspace, path)
        if found == self._workspace.resolve() or found.is_dir():
            raise ToolRefused(f"{path} is a folder.")
        try:
            found.parent.mkdir(parents=True, exist_ok=True)
            found.write_bytes(encoded)
        except OSError as error:
            raise ToolRefused(f"{path} cannot be written: {error.strerror}") from error
        return f"{path} has {len(encoded)} bytes now."

    @tool
    def edit_file(self, path: str, old: str, new: str) -> str:
        """Replace one place in a text file.

        Args:
            path: Relative to your workspace.
            old: What stands there now, with enough around it to be found once.
            new: What shall stand there.
        """
        found = file_at(self._workspace, path)
        if found.stat().st_size > _LARGEST_EDITED:
            raise ToolRefused(f"{path} is too large to edit; change it with a program.")
        text = found.read_bytes().decode("utf-8", errors="surrogateescape")
        count = text.count(old) if old else 0
        if count != 1:
            raise ToolRefused(f"old: it is found {count} times in {path}; it must be found once.")
        found.write_bytes(text.replace(old, new).encode("utf-8", errors="surrogateescape"))
        return f"{path} is changed."
