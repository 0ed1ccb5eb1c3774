"""The parts' lines, as people and files get them."""

import asyncio
import json
from pathlib import Path

import pytest

from ops.logs import LEVELS, LogView, relay, render

RECORD = {
    "timestamp": "2026-01-02T03:04:05.678901Z",
    "level": "warning",
    "event": "task.lost",
    "task_id": "7",
    "part": "seed",
}


async def relayed(data: bytes, file: Path, **view: object) -> list[str]:
    """What is shown of `data`."""
    stream = asyncio.StreamReader()
    stream.feed_data(data)
    stream.feed_eof()
    shown: list[str] = []
    await relay("seed", stream, file, LogView(shown.append, **view))  # type: ignore[arg-type]
    return shown


def test_a_line_has_time_part_level_event_and_fields() -> None:
    assert render("seed", RECORD) == "03:04:05.678 seed     warning task.lost task_id=7"


async def test_only_what_is_important_is_shown_and_all_of_it_is_kept(tmp_path: Path) -> None:
    data = b"".join(json.dumps(RECORD | {"level": level}).encode() + b"\n" for level in ("info", "error"))
    shown = await relayed(data, tmp_path / "seed.log", least=LEVELS["warning"])
    assert [line.split()[2] for line in shown] == ["error"]
    assert [line.split()[2] for line in (tmp_path / "seed.log").read_text().splitlines()] == ["info", "error"]


async def test_a_crash_before_logging_began_is_shown(tmp_path: Path) -> None:
    shown = await relayed(b"ImportError: no x\nlast words", tmp_path / "seed.log", least=LEVELS["warning"])
    assert ["ImportError: no x" in shown[0], "last words" in shown[1]] == [True, True]


async def test_json_stays_json_when_asked_for(tmp_path: Path) -> None:
    line = json.dumps(RECORD)
    assert await relayed(line.encode() + b"\n", tmp_path / "seed.log", style="json") == [line]
    assert (tmp_path / "seed.log").read_text() == line + "\n"


async def test_a_line_without_end_does_not_fill_the_memory(tmp_path: Path) -> None:
    shown = await relayed(b"x" * 2_500_000, tmp_path / "seed.log")
    assert max(map(len, shown)) < 1_200_000
    assert sum(line.count("x") for line in shown) == 2_500_000


@pytest.mark.parametrize("line", ["{", '{"no": "event"}', "[1]", ""])
async def test_a_line_that_is_no_record_is_kept_as_it_is(tmp_path: Path, line: str) -> None:
    await relayed(line.encode() + b"\n", tmp_path / "seed.log")
    assert line in (tmp_path / "seed.log").read_text()
