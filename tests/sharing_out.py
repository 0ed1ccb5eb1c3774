"""In which order the files of tests run, and which of them stay together in one process."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling
from xdist.scheduler.protocol import Scheduling

HERE = Path(__file__).parent
WAITING = ("acceptance", "browser", "integration")
"""Folders whose tests start processes and wait for them; what is in the others computes."""
BEGUN_BY = 0.8
"""By this part of the run the last file that waits has begun: the end is left to short ones."""
IN_REAL_TIME = HERE / "integration" / "voice"
"""Calls last as long as they last, and leave the processor free: begun late, they are waited for alone."""
SECOND_SITE = "tests/browser/test_o"
"""The panel is tested by two processes, not by all: each starts a Chromium, a ledger and a panel for it."""
ONE_STACK = {f"tests/acceptance/test_{name}.py" for name in ("bad_input", "browser", "faults", "telegram")}
"""They leave the whole system standing: one is started for all."""
ONE_AIOGRAM = ("tests/integration/gateway/test_main.py", "tests/integration/gateway_telegram/")
"""It takes a process 3 s to import it."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What waits and what computes take turns, so that the processor always has something to do."""
    places = _places([item.path for item in items])
    items.sort(key=lambda item: places[item.path])


def _places(paths: Sequence[Path]) -> dict[Path, float]:
    """From 0 to 1, when a file's turn is; within each kind, the order stays."""
    files = list(dict.fromkeys(paths))
    waiting = [file for file in files if file.relative_to(HERE).parts[0] in WAITING]
    computing = [file for file in files if file not in set(waiting)]
    waiting.sort(key=lambda file: IN_REAL_TIME not in file.parents)
    return {file: BEGUN_BY * place / len(waiting) for place, file in enumerate(waiting)} | {
        file: place / len(computing) for place, file in enumerate(computing)
    }


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling | None:
    """As `--dist loadfile`, but some files share a process."""
    return _BySite(config, log) if config.getvalue("dist") == "loadfile" else None


class _BySite(LoadFileScheduling):  # type: ignore[misc]  # xdist tells no types
    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        if file in ONE_STACK:
            return "tests/acceptance/stack"
        if file.startswith(ONE_AIOGRAM):
            return "tests/integration/telegram"
        if not file.startswith("tests/browser/"):
            return file
        return f"tests/browser/{'first' if file < SECOND_SITE else 'second'}"
