"""Hours of a person's day, by the clock where they are. Pure."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def zone_of(name: str) -> ZoneInfo:
    """A time zone by its name; UTC for one that this machine does not know."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def next_time(clock: str, zone: ZoneInfo, after: datetime) -> datetime:
    """The first moment after `after` when clocks there show `clock`, as `22:00`, in UTC.

    A time that the clocks skip in spring comes an hour later by the clock; one that they show twice in autumn
    comes the first time.
    """
    shown = time.fromisoformat(clock)
    day = after.astimezone(zone).date()
    while True:
        moment = datetime.combine(day, shown, tzinfo=zone).astimezone(UTC)
        if moment > after:
            return moment
        day += timedelta(days=1)


def quiet_until(begin: str | None, end: str | None, zone: ZoneInfo, now: datetime) -> datetime | None:
    """When the quiet hours end that last now; None outside of them, or when there are none."""
    if begin is None or end is None or begin == end:
        return None
    shown = now.astimezone(zone).strftime("%H:%M")
    quiet = begin <= shown < end if begin < end else shown >= begin or shown < end
    return next_time(end, zone, now) if quiet else None
