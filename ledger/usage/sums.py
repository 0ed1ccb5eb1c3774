"""Adding usage up."""

from dataclasses import dataclass
from datetime import datetime

from agentops.wire import Page, UsageGroup, UsageKind, UsageSum
from ledger.engine import LedgerEngine
from ledger.ids import zoned
from ledger.schedules.times import zone_of
from ledger.tasks.rows import struct_of

MAX_GROUPS = 1_000

_BY = {
    UsageGroup.DAY: "to_char(at AT TIME ZONE $6, 'YYYY-MM-DD')",
    UsageGroup.PROJECT: "project_id::text",
    UsageGroup.AGENT: "agent",
    UsageGroup.MODEL: "model",
    UsageGroup.TASK: "task_id::text",
    UsageGroup.SESSION: "session",
}
_SUMS = ", ".join(
    f"COALESCE(sum(amount) FILTER (WHERE kind = '{kind}'), 0)::bigint AS {kind}" for kind in UsageKind
)


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageQuery:
    """Which usage; what is None does not restrict."""

    group_by: UsageGroup = UsageGroup.DAY
    begin: datetime | None = None
    end: datetime | None = None
    project_id: str | None = None
    agent: str | None = None
    task_id: str | None = None
    time_zone: str = "UTC"
    """Whose days, in a sum by days."""


async def sums(db: LedgerEngine, query: UsageQuery) -> Page[UsageSum]:
    """One row for each group: days from the newest back, all else by what it cost."""
    zone_of(query.time_zone)
    zoned(query.begin, "from")
    zoned(query.end, "to")
    by_day = query.group_by is UsageGroup.DAY
    order = '"group" DESC' if by_day else 'money DESC, tokens_in + tokens_out DESC, "group" NULLS LAST'
    statement = f"""SELECT * FROM (SELECT {_BY[query.group_by]} AS "group", {_SUMS} FROM usage
        WHERE ($1::timestamptz IS NULL OR at >= $1) AND ($2::timestamptz IS NULL OR at < $2)
            AND ($3::uuid IS NULL OR project_id = $3) AND ($4::text IS NULL OR agent = $4)
            AND ($5::uuid IS NULL OR task_id = $5) AND $6::text IS NOT NULL
        GROUP BY 1) s ORDER BY {order} LIMIT {MAX_GROUPS}"""  # noqa: S608
    rows = await db.rows(
        statement, query.begin, query.end, query.project_id, query.agent, query.task_id, query.time_zone
    )
    return Page(items=[struct_of(UsageSum, row) for row in rows])
