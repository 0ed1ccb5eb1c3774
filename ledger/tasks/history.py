"""How tasks came and went in the last days, how long they took, and how long others wait.

Asked for apart from the plain statistics: it reads the tasks of those days.
"""

from datetime import date
from typing import NamedTuple

from agentops.wire import Durations, StatsDay
from ledger.engine import LedgerEngine, Row
from ledger.schedules.times import zone_of
from ledger.tasks import sql

_SINCE = "(date_trunc('day', statement_timestamp() AT TIME ZONE $2) - make_interval(days => $1 - 1))"
_DAYS = f"""
WITH born AS (
    SELECT (created_at AT TIME ZONE $2)::date AS day, count(*) AS created FROM task
    WHERE created_at >= {_SINCE} AT TIME ZONE $2 GROUP BY 1
), ended AS (
    SELECT (finished_at AT TIME ZONE $2)::date AS day,
        count(*) FILTER (WHERE status = {sql.COMPLETED}) AS completed,
        count(*) FILTER (WHERE status = {sql.FAILED}) AS failed,
        count(*) FILTER (WHERE status = {sql.CANCELLED}) AS cancelled
    FROM task WHERE finished_at >= {_SINCE} AT TIME ZONE $2 GROUP BY 1
)
SELECT d.day::date AS day, COALESCE(created, 0) AS created, COALESCE(completed, 0) AS completed,
    COALESCE(failed, 0) AS failed, COALESCE(cancelled, 0) AS cancelled
FROM generate_series({_SINCE}, {_SINCE} + make_interval(days => $1 - 1), interval '1 day') AS d (day)
LEFT JOIN born ON born.day = d.day::date LEFT JOIN ended ON ended.day = d.day::date
ORDER BY 1
"""  # noqa: S608


def _spread(of: str, source: str) -> str:
    return f"""SELECT count(*) AS count, percentile_cont(0.5) WITHIN GROUP (ORDER BY {of}) AS p50_s,
        percentile_cont(0.9) WITHIN GROUP (ORDER BY {of}) AS p90_s, max({of}) AS max_s FROM {source}"""  # noqa: S608


_WORK = _spread(
    "extract(epoch FROM finished_at - started_at)::float8",
    f"task WHERE status = {sql.COMPLETED} AND finished_at >= {_SINCE} AT TIME ZONE $2",
)
_WAIT = _spread(
    f"extract(epoch FROM {sql.NOW} - GREATEST(created_at, run_after))::float8",
    f"task WHERE status = {sql.PENDING} AND (run_after IS NULL OR run_after <= {sql.NOW})",
)


class History(NamedTuple):
    """The last days."""

    days: list[StatsDay]
    work: Durations
    wait: Durations


async def history(db: LedgerEngine, days: int, time_zone: str) -> History:
    """The last `days` days by the clocks of a place, today among them.

    Raises:
        ValidationFailed: there is no such place.
    """
    zone_of(time_zone)
    rows = await db.rows(_DAYS, days, time_zone)
    work = await db.row(_WORK, days, time_zone)
    wait = await db.row(_WAIT)
    return History([_day(row) for row in rows], _durations(work), _durations(wait))


def _day(row: Row) -> StatsDay:
    day: date = row["day"]
    counts = {name: row[name] for name in ("created", "completed", "failed", "cancelled")}
    return StatsDay(day=day, **counts)


def _durations(row: Row | None) -> Durations:
    if row is None:
        raise LookupError("an aggregate without a row")
    return Durations(count=row["count"], p50_s=row["p50_s"], p90_s=row["p90_s"], max_s=row["max_s"])
