"""When a pattern comes round, by the clocks of a place. Pure: what time it is, is an argument.

Daylight saving follows Debian's cron, which cronsim mirrors. A run at a fixed local time happens once on
each day that has it: in spring, when the skipped hour is over; in autumn, the first time. Patterns whose
minute or hour begins with `*` follow elapsed time.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from ledger.errors import ValidationFailed


def zone_of(name: str) -> ZoneInfo:
    """The clocks of a place.

    Raises:
        ValidationFailed: no such place is in the time zone database.
    """
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError) as error:
        raise _refused("time_zone", f"{name[:100]!r} is no IANA time zone, as Europe/Paris is") from error


def next_run(cron: str, zone: ZoneInfo, after: datetime) -> datetime | None:
    """The first time behind `after`, in UTC; None if there is none within fifty years.

    Raises:
        ValidationFailed: `cron` is no pattern of five fields.
    """
    if len(cron.split()) != 5:
        raise _refused("cron", "five fields are needed: minute, hour, day of month, month, day of week")
    try:
        # In the hour that autumn repeats, the first candidates may lie in its first half, which is over.
        for found in CronSim(cron, after.astimezone(zone)):
            if found > after:
                return found.astimezone(UTC)
    except (CronSimError, AssertionError) as error:
        raise _refused("cron", f"{str(error) or 'not a pattern'}, in {cron!r}") from error
    except OverflowError:
        return None
    return None


def first_run(cron: str, zone: ZoneInfo, after: datetime) -> datetime:
    """The first time behind `after` of a pattern that somebody gives.

    Raises:
        ValidationFailed: it is no pattern, or its time never comes.
    """
    found = next_run(cron, zone, after)
    if found is None:
        raise _refused("cron", f"{cron!r} never comes round: there is no such day")
    return found


def _refused(field: str, message: str) -> ValidationFailed:
    return ValidationFailed(f"{field}: {message}", errors=[{"path": field, "message": message}])
