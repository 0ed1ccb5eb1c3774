"""The parts' log lines: read from their pipes, kept in files, shown with the part's name in front."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ops.embedded import processes

LINE_MAX_BYTES = 1_000_000
LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40, "critical": 50}
_COLOURS = {
    "ledger": "36",
    "chief": "35",
    "seed": "32",
    "gateway": "34",
    "ui": "33",
    "cos": "37",
}
_LEVEL_COLOURS = {"warning": "33", "error": "31", "critical": "31;1", "debug": "2"}
_FRAME = frozenset({"timestamp", "level", "logger", "event", "part", "exception", "stack"})


@dataclass(frozen=True)
class LogView:
    """What is shown of the parts' logs while they run; the files get all of it."""

    show: Callable[[str], None]
    """Takes one rendered line."""
    least: int = LEVELS["info"]
    style: str = "console"
    colours: bool = False

    @classmethod
    def on_stderr(cls, level: str, style: str) -> "LogView":
        """On the terminal that the supervisor was started from, from `level` on."""
        return cls(to_stderr, LEVELS[level], style, colours=sys.stderr.isatty())


def to_stderr(line: str) -> None:
    """Write and flush; a closed terminal is no reason to stop."""
    try:
        sys.stderr.write(line + "\n")
        sys.stderr.flush()
    except OSError:
        return


async def relay(part: str, stream: asyncio.StreamReader, file: Path, view: LogView) -> None:
    """Copy lines until the stream ends, which it does when the part does."""
    processes.rotate(file)
    with file.open("a", encoding="utf-8", errors="replace") as log:
        async for raw in _lines(stream):
            record = _parse(raw)
            log.write((raw if view.style == "json" else render(part, record)) + "\n")
            log.flush()
            if LEVELS.get(str(record.get("level", "error")), 0) >= view.least:
                view.show(
                    raw if view.style == "json" and raw.startswith("{") else _prefixed(part, record, view)
                )


async def _lines(stream: asyncio.StreamReader) -> AsyncIterator[str]:
    """Lines of any length; one beyond the limit comes in pieces."""
    held = b""
    while chunk := await stream.read(65_536):
        *whole, held = (held + chunk).split(b"\n")
        for line in whole:
            yield line.decode(errors="replace")
        if len(held) > LINE_MAX_BYTES:
            yield held.decode(errors="replace")
            held = b""
    if held:
        yield held.decode(errors="replace")


def _parse(line: str) -> dict[str, Any]:
    """A record of our own logging; any other line (a crash before logging began) becomes an event."""
    if line.startswith("{"):
        try:
            record = json.loads(line)
        except ValueError:
            pass
        else:
            if isinstance(record, dict) and "event" in record:
                return record
    return {"event": line, "level": "error"}


def render(part: str, record: Mapping[str, Any], *, colours: bool = False) -> str:
    """One line for people: time, level, part, event, fields; a traceback goes beneath."""

    def paint(text: str, colour: str | None) -> str:
        return f"\x1b[{colour}m{text}\x1b[0m" if colours and colour else text

    level = str(record.get("level", "info"))
    fields = " ".join(f"{name}={value}" for name, value in record.items() if name not in _FRAME)
    line = " ".join(
        word
        for word in (
            str(record.get("timestamp", ""))[11:23],
            paint(f"{part:<8}", _COLOURS.get(part)),
            paint(f"{level:<7}", _LEVEL_COLOURS.get(level)),
            str(record["event"]),
            fields,
        )
        if word
    )
    return "\n".join([line, *(str(record[name]) for name in ("stack", "exception") if record.get(name))])


def _prefixed(part: str, record: Mapping[str, Any], view: LogView) -> str:
    return render(part, record, colours=view.colours)
