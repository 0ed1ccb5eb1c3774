"""Log files read back."""

import asyncio
from pathlib import Path

import pytest

from ops.errors import NotFoundHere
from ops.logfiles import Line, files_of, following, last
from ops.logs import LEVELS

CHIEF = "10:00:02.000 chief    info    turn.answered\n10:00:04.000 chief    warning turn.late\n"
LEDGER = (
    "10:00:01.000 ledger   info    ledger.started\n"
    "10:00:03.000 ledger   error   it.broke\nTraceback (most recent call last):\n  ValueError\n"
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "chief.log").write_text(CHIEF)
    (logs / "ledger.log").write_text(LEDGER)
    (logs / "ledger.old.log").write_text("09:00:00.000 ledger   info    long.ago\n")
    return tmp_path


def texts(lines: list[Line]) -> list[str]:
    return [line.text.split()[-1] for line in lines]


def test_lines_of_all_parts_come_in_the_order_of_their_times(home: Path) -> None:
    lines = last(files_of(home, []), count=10, least=LEVELS["info"])
    order = ["ledger.started", "turn.answered", "it.broke", "last):", "ValueError", "turn.late"]
    assert texts(lines) == order


def test_a_traceback_is_as_grave_as_the_line_above_it(home: Path) -> None:
    assert texts(last(files_of(home, []), count=10, least=LEVELS["error"])) == [
        "it.broke",
        "last):",
        "ValueError",
    ]


def test_json_lines_have_their_own_times_and_levels(home: Path) -> None:
    (home / "logs" / "ui.log").write_text(
        '{"timestamp":"2026-01-01T10:00:03.500000Z","level":"error","event":"x"}\n{"odd": 1}\n'
    )
    [line, odd] = last(files_of(home, ["ui"]), count=5, least=LEVELS["error"])
    assert (line.time, odd.time) == ("10:00:03.500", "10:00:03.500")


def test_a_log_that_is_not_there_is_named_with_those_that_are(home: Path) -> None:
    with pytest.raises(NotFoundHere, match=r"no log of seed .* Logs: chief, ledger"):
        files_of(home, ["seed"])


async def test_what_is_added_is_followed_also_into_a_file_begun_anew(home: Path) -> None:
    follower = following(files_of(home, ["chief"]), least=LEVELS["info"])
    next_line = asyncio.ensure_future(anext(follower))
    await asyncio.sleep(0)
    with (home / "logs" / "chief.log").open("a") as log:
        log.write("10:00:05.000 chief    info    first\n")
    async with asyncio.timeout(10):
        assert (await next_line).text.endswith("first")
        (home / "logs" / "chief.log").write_text("10:00:06.000 chief    info    anew\n")
        assert (await anext(follower)).text.endswith("anew")
