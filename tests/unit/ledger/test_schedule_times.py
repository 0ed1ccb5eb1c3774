"""When a cron pattern comes round, by the clocks of a place."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import ValidationFailed
from ledger.schedules.times import first_run, next_run, zone_of

BERLIN = zone_of("Europe/Berlin")
# Clocks skip 02:00 to 03:00 on 29 March 2026, and pass 02:00 to 03:00 twice on 25 October 2026.


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _runs(cron: str, after: str, n: int, zone: str = "Europe/Berlin") -> list[str]:
    found: list[str] = []
    at = _utc(after)
    for _ in range(n):
        at = first_run(cron, zone_of(zone), at)
        found.append(f"{at:%m-%d %H:%M}")
    return found


@pytest.mark.parametrize(
    ("cron", "after", "expected"),
    [
        # Half past eight on working days stays half past eight, in winter (UTC+1) and summer (UTC+2).
        ("30 8 * * MON-FRI", "2026-03-26T12:00", ["03-27 07:30", "03-30 06:30", "03-31 06:30"]),
        ("30 8 * * MON-FRI", "2026-10-22T12:00", ["10-23 06:30", "10-26 07:30", "10-27 07:30"]),
        # A skipped time runs when the clocks have moved on, at 03:00 local; the next day at its time again.
        ("30 2 * * *", "2026-03-28T12:00", ["03-29 01:00", "03-30 00:30"]),
        # A repeated time runs the first time only.
        ("30 2 * * *", "2026-10-24T12:00", ["10-25 00:30", "10-26 01:30"]),
        # Every quarter of an hour is every quarter of an hour, whatever the clocks do.
        ("*/30 * * * *", "2026-03-29T00:10", ["03-29 00:30", "03-29 01:00", "03-29 01:30"]),
        ("*/30 * * * *", "2026-10-25T00:10", ["10-25 00:30", "10-25 01:00", "10-25 01:30"]),
        ("0 0 29 2 *", "2026-01-01T00:00", ["02-28 23:00"]),
        ("0 9 L * *", "2026-02-01T00:00", ["02-28 08:00", "03-31 07:00"]),
    ],
)
def test_a_pattern_follows_the_clocks_of_its_place(cron: str, after: str, expected: list[str]) -> None:
    assert _runs(cron, after, len(expected)) == expected


def test_in_the_second_pass_of_a_repeated_hour_the_first_pass_is_over() -> None:
    """At 02:20 for the second time, 02:45 was already; the next is tomorrow's."""
    assert _runs("15,45 2 * * *", "2026-10-25T01:20", 2) == ["10-26 01:15", "10-26 01:45"]


def test_a_place_whose_offset_is_no_whole_hour_keeps_its_own_minutes() -> None:
    assert _runs("0 9 * * *", "2026-01-01T00:00", 1, "Asia/Kathmandu") == ["01-01 03:15"]
    assert _runs("0 2 * * *", "2026-10-03T00:00", 2, "Australia/Lord_Howe") == ["10-03 15:30", "10-04 15:00"]


@pytest.mark.parametrize(
    "cron", ["30 8 * *", "0 30 8 * * *", "61 * * * *", "* * * * MON#6", "a b c d e", "1/0 * * * *"]
)
def test_what_is_no_pattern_of_five_fields_is_refused(cron: str) -> None:
    with pytest.raises(ValidationFailed, match="cron"):
        next_run(cron, BERLIN, _utc("2026-01-01T00:00"))


def test_a_day_that_never_comes_is_refused() -> None:
    with pytest.raises(ValidationFailed, match="cron"):
        first_run("0 0 30 2 *", BERLIN, _utc("2026-01-01T00:00"))
    with pytest.raises(ValidationFailed, match="never"):
        first_run("0 0 */20 2 1L", BERLIN, _utc("2026-01-01T00:00"))


@pytest.mark.parametrize("name", ["Europe/Atlantis", "../etc/passwd", "", "Europe", "leapseconds", "x" * 300])
def test_a_place_that_is_not_in_the_database_is_refused(name: str) -> None:
    with pytest.raises(ValidationFailed, match="time_zone"):
        zone_of(name)


@given(
    cron=st.text(alphabet="0123456789*,/#- LW", min_size=9, max_size=40),
    after=st.integers(946_684_800, 4_102_444_800),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns"]),
)
def test_whatever_is_given_as_a_pattern_ends_in_a_later_time_or_a_refusal(
    cron: str, after: int, zone: str
) -> None:
    start = datetime.fromtimestamp(after, UTC)
    try:
        found = next_run(cron, zone_of(zone), start)
    except ValidationFailed:
        return
    assert found is None or found > start
