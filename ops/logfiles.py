"""Reads back the log files of the parts: the last lines of all by their times, and what is added."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ops.errors import NotFoundHere
from ops.logs import LEVELS

LOOK_EVERY_S = 0.3
_TAIL_BYTES = 2_000_000
_TIME = re.compile(r"(?:\d{4}-\d\d-\d\d[T ])?(\d\d:\d\d:\d\d\.\d{3})")
_LEVEL = re.compile(r"^\S+ +\S+ +(debug|info|warning|error|critical)\b")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a part's log; a traceback's lines have the time and the level of what they belong to."""

    part: str
    text: str
    time: str
    level: int


def files_of(home: Path, parts: Sequence[str]) -> dict[str, Path]:
    """The log of each part that is named, or of all.

    Raises:
        NotFoundHere: there is no such log here; the text says which there are.
    """
    logs = sorted((home / "logs").glob("*.log"))
    found = {path.stem: path for path in logs if not path.name.endswith(".old.log")}
    missing = [part for part in parts if part not in found]
    if missing or not found:
        there = ", ".join(found) or "none; nothing has run here yet"
        raise NotFoundHere(
            f"There is no log of {missing[0] if missing else 'anything'} in {home}. Logs: {there}."
        )
    return {part: found[part] for part in parts} if parts else found


def last(files: dict[str, Path], *, count: int, least: int) -> list[Line]:
    """The last lines of all files together, oldest first."""
    lines = [
        line
        for part, path in files.items()
        for line in list(_graded(part, _tail(path)))[-count * 20 :]
        if line.level >= least
    ]
    return sorted(lines, key=lambda line: line.time)[-count:] if count else []


async def following(files: dict[str, Path], *, least: int) -> AsyncIterator[Line]:
    """Every line that is added from now on, until cancelled."""
    places = {part: _size(path) for part, path in files.items()}
    while True:
        for part, path in files.items():
            text, places[part] = await asyncio.to_thread(_added, path, places[part])
            for line in _graded(part, text.splitlines()):
                if line.level >= least:
                    yield line
        await asyncio.sleep(LOOK_EVERY_S)


def _added(path: Path, place: int) -> tuple[str, int]:
    """Whole lines behind `place`, and where they end; a file that was begun anew is read from its top."""
    size = _size(path)
    if size < place:
        place = 0
    if size == place:
        return "", place
    with path.open("rb") as file:
        file.seek(place)
        whole, newline, _ = file.read(size - place).rpartition(b"\n")
    return whole.decode(errors="replace"), place + len(whole) + len(newline)


def _tail(path: Path) -> list[str]:
    with path.open("rb") as file:
        file.seek(max(0, _size(path) - _TAIL_BYTES))
        return file.read().decode(errors="replace").splitlines()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _graded(part: str, texts: Sequence[str]) -> Iterator[Line]:
    time, level = "", LEVELS["info"]
    for text in texts:
        time, level = _grade(text, time, level)
        yield Line(part, text, time, level)


def _grade(text: str, time: str, level: int) -> tuple[str, int]:
    """Time and level of a line, which are those of the line before when it has none of its own."""
    if text.startswith("{"):
        try:
            record = json.loads(text)
            return str(record["timestamp"])[11:23], LEVELS.get(record["level"], LEVELS["info"])
        except (ValueError, LookupError, TypeError):
            return time, level
    if found := _TIME.match(text):
        named = _LEVEL.match(text)
        return found[1], LEVELS[named[1]] if named else LEVELS["info"]
    return time, level
