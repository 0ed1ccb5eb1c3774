"""When and how loudly somebody hears of something."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest

from agentops.wire import Attention
from gateway.notify.planning import NOBODY, Plan, plan

ZONE = ZoneInfo("Europe/Paris")
NOON = datetime(2026, 1, 10, 11, tzinfo=UTC)
NIGHT = datetime(2026, 1, 10, 22, tzinfo=UTC)
MORNING = datetime(2026, 1, 11, 6, tzinfo=UTC)
RULES = {
    "task.completed": Attention.SILENT,
    "task.blocked": Attention.RING,
    "task.failed": Attention.DIGEST,
    "*": Attention.OFF,
}
WANTED = msgspec.structs.replace(NOBODY, rules=RULES, quiet_from="22:00", quiet_to="07:00", digest_at="18:30")
EVENING = datetime(2026, 1, 10, 17, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "now", "asks", "expected"),
    [
        ("task.completed", NOON, False, Plan(ring=False)),
        ("task.completed", NIGHT, False, Plan(ring=False, pen="quiet", until=MORNING)),
        ("task.blocked", NOON, True, Plan(ring=True)),
        ("task.blocked", NIGHT, True, Plan(ring=True)),
        ("task.blocked", NIGHT, False, Plan(ring=True, pen="quiet", until=MORNING)),
        ("gate.opened", NIGHT, True, Plan(ring=True)),
        ("task.failed", NOON, False, Plan(ring=False, pen="digest", until=EVENING)),
        ("agent.offline", NOON, False, None),
        ("schedule.fired", NOON, False, Plan(ring=True)),
        ("schedule.fired", NIGHT, False, Plan(ring=True, pen="quiet", until=MORNING)),
        ("person.paired", NOON, False, Plan(ring=False)),
    ],
)
def test_the_rules_say_when_and_how_loudly(
    kind: str, now: datetime, asks: bool, expected: Plan | None
) -> None:
    assert plan(kind, WANTED, ZONE, now, asks=asks) == expected


def test_a_rule_about_reminders_themselves_counts() -> None:
    muted = msgspec.structs.replace(WANTED, rules=RULES | {"schedule.*": Attention.OFF})
    assert plan("schedule.fired", muted, ZONE, NOON) is None


def test_nobody_in_particular_hears_of_work_at_once() -> None:
    assert plan("task.completed", NOBODY, ZONE, NIGHT) == Plan(ring=False)
    assert plan("task.blocked", NOBODY, ZONE, NIGHT, asks=True) == Plan(ring=True)
