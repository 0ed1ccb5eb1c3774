"""Hours of a person's day."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from gateway.notify.times import next_time, quiet_until, zone_of

PARIS = ZoneInfo("Europe/Paris")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("clock", "after", "moment"),
    [
        ("08:00", "2026-01-10T06:00", "2026-01-10T07:00"),
        ("08:00", "2026-01-10T07:00", "2026-01-11T07:00"),
        ("08:00", "2026-07-10T05:00", "2026-07-10T06:00"),
        ("00:00", "2026-01-10T22:59", "2026-01-10T23:00"),
        # The clocks skip from 02:00 to 03:00 on 29 March: 02:30 is shown as 03:30.
        ("02:30", "2026-03-28T12:00", "2026-03-29T01:30"),
        # They show 02:30 twice on 25 October: the first one counts.
        ("02:30", "2026-10-24T12:00", "2026-10-25T00:30"),
        ("02:30", "2026-10-25T00:30", "2026-10-26T01:30"),
    ],
)
def test_the_next_time_is_by_the_clock_on_the_persons_wall(clock: str, after: str, moment: str) -> None:
    assert next_time(clock, PARIS, at(after)) == at(moment)


@pytest.mark.parametrize(
    ("begin", "end", "now", "until"),
    [
        ("22:00", "07:00", "2026-01-10T21:00", "2026-01-11T06:00"),
        ("22:00", "07:00", "2026-01-10T05:59", "2026-01-10T06:00"),
        ("22:00", "07:00", "2026-01-10T06:00", None),
        ("22:00", "07:00", "2026-01-10T20:59", None),
        ("12:00", "14:00", "2026-01-10T11:30", "2026-01-10T13:00"),
        ("12:00", "14:00", "2026-01-10T13:00", None),
        ("12:00", "12:00", "2026-01-10T11:00", None),
        (None, None, "2026-01-10T11:00", None),
    ],
)
def test_quiet_hours_last_until_their_end(
    begin: str | None, end: str | None, now: str, until: str | None
) -> None:
    assert quiet_until(begin, end, PARIS, at(now)) == (None if until is None else at(until))


def test_an_unknown_time_zone_is_utc() -> None:
    assert [zone_of(name).key for name in ("Europe/Paris", "Nowhere/Else", "")] == [
        "Europe/Paris",
        "UTC",
        "UTC",
    ]
