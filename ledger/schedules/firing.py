"""The clock: fires what is due, once over any number of replicas.

A run and the change of its schedule are one transaction, which holds the schedule's row: another replica
passes it over, and sees it with its next time afterwards. What fails is written down, and the schedule
goes on with its next time: one broken template stops no other.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
import structlog

from agentops.wire import MissedRuns, NewTask, Schedule, ScheduleStatus, Scope, Task
from ledger.caller import Caller
from ledger.engine import AWAY, LedgerEngine, Row
from ledger.errors import LedgerError, ScheduleNotFound
from ledger.events import outbox
from ledger.schedules.rows import payload_of, schedule_of
from ledger.schedules.times import next_run, zone_of
from ledger.tasks.commands import create_task

LATE = timedelta(minutes=5)
"""A run later than this was missed."""

_NOW = "statement_timestamp()"
_DUE = f"""SELECT *, {_NOW} AS now FROM schedule WHERE status = 'active' AND next_run_at <= {_NOW}
    AND NOT EXISTS (SELECT 1 FROM claim_stop WHERE scope = 'system')
    ORDER BY next_run_at LIMIT 1 FOR UPDATE SKIP LOCKED"""  # noqa: S608
_ONE = f"SELECT *, {_NOW} AS now FROM schedule WHERE id = $1 FOR UPDATE"  # noqa: S608
_MOVE_ON = f"""UPDATE schedule SET status = $2, next_run_at = $3, last_error = $4, updated_at = {_NOW}
    WHERE id = $1"""  # noqa: S608
_RAN = f"""UPDATE schedule SET runs = runs + 1, last_run_at = {_NOW}, last_error = NULL, updated_at = {_NOW},
    last_task_id = COALESCE($2, last_task_id) WHERE id = $1 RETURNING *"""  # noqa: S608
_STILL_DUE = "SELECT * FROM schedule WHERE id = $1 AND status = 'active' AND next_run_at = $2 FOR UPDATE"

log = structlog.get_logger(__name__)

Announce = Callable[[Iterable[tuple[str, str]]], None]


@dataclass(slots=True)
class _Taken:
    """The due schedule that a transaction holds, for whoever has to write down why it failed."""

    row: Row | None = None


class Scheduler:
    """Any number of them may run at once."""

    def __init__(self, db: LedgerEngine, announce: Announce, *, every_s: float) -> None:
        self._db = db
        self._announce = announce
        self._every_s = every_s

    async def run(self) -> None:
        """Fires until cancelled; a database that is away is asked again."""
        while True:
            try:
                while await self.fire_one():
                    pass
            except AWAY as error:
                log.warning("schedules.interrupted", error=type(error).__name__)
            except Exception:
                log.exception("schedules.failed")
            await asyncio.sleep(self._every_s)

    async def fire_one(self) -> bool:
        """Fires the schedule that is most overdue; False if none is due."""
        taken = _Taken()
        caller = self._caller()
        try:
            async with self._db.transaction():
                taken.row = await self._db.row(_DUE)
                if taken.row is None:
                    return False
                await _fire_due(caller, taken.row)
        except AWAY:
            raise
        except Exception as error:
            if taken.row is None:
                raise
            if not isinstance(error, LedgerError | msgspec.ValidationError):
                log.exception("schedule.failed", schedule_id=taken.row["id"])
            await self._write_down(taken.row, error)
            return True
        self._announce(caller.announced)
        return True

    async def _write_down(self, row: Row, error: Exception) -> None:
        caller = self._caller()
        why = str(error) if isinstance(error, LedgerError | msgspec.ValidationError) else "internal error"
        async with self._db.transaction():
            if await self._db.row(_STILL_DUE, row["id"], row["next_run_at"]) is None:
                return
            await _move_on(caller, row, error=why)
            payload = payload_of(row) | {"due_at": row["next_run_at"], "error": why}
            await outbox.write(caller, "schedule.failed", row["id"], payload)
        self._announce(caller.announced)
        log.warning("schedule.fired_in_vain", schedule_id=row["id"], error=why)

    def _caller(self) -> Caller:
        return Caller(db=self._db, key_id="ledger", name="ledger", scope=Scope.ADMIN)


async def _fire_due(caller: Caller, row: Row) -> None:
    late: timedelta = row["now"] - row["next_run_at"]
    await _move_on(caller, row)
    if row["missed"] == MissedRuns.SKIP and late > LATE:
        await outbox.write(
            caller, "schedule.skipped", row["id"], payload_of(row) | {"due_at": row["next_run_at"]}
        )
        log.info("schedule.skipped", schedule_id=row["id"], late_s=late.total_seconds())
        return
    await _run(caller, row, due_at=row["next_run_at"])


async def _move_on(caller: Caller, row: Row, *, error: str | None = None) -> None:
    """To the first time that is still to come: however many were missed, they become one run."""
    following = None if row["cron"] is None else _following(row)
    status = ScheduleStatus.FINISHED if following is None else ScheduleStatus.ACTIVE
    await caller.db.rows(_MOVE_ON, row["id"], str(status), following, error)


def _following(row: Row) -> datetime | None:
    return next_run(row["cron"], zone_of(row["time_zone"]), row["now"])


async def _run(caller: Caller, row: Row, *, due_at: datetime | None) -> Schedule:
    """Makes the task or tells the notice; within the transaction that holds the schedule."""
    task = await _task(caller, row) if row["task"] is not None else None
    ran = await caller.db.row(_RAN, row["id"], None if task is None else task.id)
    if ran is None:
        raise LookupError("a schedule that is held and gone")
    await outbox.write(
        caller,
        "schedule.fired",
        row["id"],
        payload_of(ran) | _about(task, row["notice"]) | {"due_at": due_at},
        task_id=None if task is None else task.id,
        project_id=None if task is None else task.project_id,
    )
    log.info("schedule.fired", schedule_id=row["id"], task_id=None if task is None else task.id)
    return schedule_of(ran)


async def _task(caller: Caller, row: Row) -> Task:
    task: Task = await create_task(caller, msgspec.convert(row["task"], NewTask))
    return task


def _about(task: Task | None, notice: dict[str, Any] | None) -> dict[str, Any]:
    if task is None:
        return {"session": (notice or {}).get("session"), "text": (notice or {}).get("text")}
    return {"session": task.origin, "task_id": task.id, "number": task.number, "title": task.title}


async def run_now(caller: Caller, schedule_id: str) -> Schedule:
    """Runs a schedule besides its times, whatever its status.

    Raises:
        ScheduleNotFound: there is none with this id.
        ValidationFailed: its task names what no longer exists.
    """
    caller.need()
    async with caller.db.joined():
        row = await caller.db.row(_ONE, schedule_id)
        if row is None:
            raise ScheduleNotFound(f"no schedule has the id {schedule_id}")
        return await _run(caller, row, due_at=None)
