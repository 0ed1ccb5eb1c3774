"""From rows of the table schedule to wire types, and what its events tell."""

from typing import Any

from agentops.wire import Schedule
from ledger.engine import Row
from ledger.tasks.rows import struct_of


def schedule_of(row: Row) -> Schedule:
    """A row of the table schedule."""
    return struct_of(Schedule, row)


def payload_of(row: Row) -> dict[str, Any]:
    """What every event about a schedule tells."""
    shown = ("name", "cron", "at", "time_zone", "status", "next_run_at", "version")
    return {name: row[name] for name in shown}
