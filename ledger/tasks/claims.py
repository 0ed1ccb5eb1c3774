"""Taking tasks and holding them: claim, claim-next, heartbeat."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from agentops.wire import Claim, ClaimNextRequest, ClaimRequest, Claims, Heartbeat, LeaseState, Scope
from ledger.caller import Caller
from ledger.engine import Row
from ledger.errors import Conflict, Forbidden, InvalidTransition, StaleClaim, VersionConflict
from ledger.system.stops import passed_over, refusal_for
from ledger.tasks import sql
from ledger.tasks.queries import get_task
from ledger.tasks.rows import claim_of, state_of, struct_of
from ledger.tasks.states import Action, sources


async def claim(caller: Caller, task_id: str, wish: ClaimRequest) -> Claim:
    """Claims one task in the version that the worker has seen.

    Raises:
        VersionConflict: it has changed since, by another's claim for one.
        InvalidTransition: it is not pending, waits for others, or may not run yet.
        Paused: everything is.
        BudgetExhausted: a budget that covers it is spent.
    """
    caller.need(Scope.AGENT)
    row = await caller.row(
        sql.CLAIM, wish.agent, caller.key_id, float(wish.lease_s), caller.traceparent, task_id, wish.version
    )
    if row is None:
        raise await _why_not(caller, task_id, wish)
    caller.announce("task.claimed", task_id)
    (held,) = await claims_of(caller, [row])
    return held


async def claims_of(caller: Caller, rows: Sequence[Row]) -> list[Claim]:
    """The claims in the rows of a claiming statement.

    Of a request that was answered before, it is known what it claimed; the tasks are shown as they are now.
    """
    if caller.once is None or not caller.once.replayed:
        return [claim_of(row, row["claim_epoch"]) for row in rows]
    found = await caller.db.rows(sql.CLAIMED_BEFORE, *_kept(rows))
    return [claim_of(row, row["epoch"]) for row in found]


def _kept(rows: Sequence[Row]) -> tuple[list[str], list[int], list[datetime]]:
    """The tasks, epochs and ends of leases that were stored under a key.

    The release before stored an object for each claim, which an update finds still there.
    """
    ids: list[str] = []
    epochs: list[int] = []
    ends: list[datetime] = []
    for row in rows:
        claimed = row.get("ids", [row.get("id")]) or []
        ids += claimed
        epochs += row.get("epochs", [row.get("claim_epoch")]) or []
        ends += [msgspec.convert(row["expires_at"], datetime)] * len(claimed)
    return ids, epochs, ends


async def _why_not(caller: Caller, task_id: str, wish: ClaimRequest) -> Conflict:
    task = await get_task(caller.db, task_id)
    current = state_of(task)
    if task.version != wish.version:
        return VersionConflict(
            f"task {task.number} has version {task.version}, not {wish.version}; it is {task.status}",
            current=current,
        )
    if task.status not in sources(Action.CLAIM):
        return InvalidTransition(f"task {task.number} is {task.status}: not to be claimed", current=current)
    stopped = await refusal_for(caller.db, task, wish.agent)
    return stopped or InvalidTransition(
        f"task {task.number} may not run yet: it waits for the tasks that it depends on, or for run_after",
        current=current,
    )


async def claim_next(caller: Caller, wish: ClaimNextRequest) -> Claims:
    """Claims up to `n` tasks that are ready and need no more than `capabilities`; none is no error.

    With fewer than `n`, it says what is paused or stopped.
    """
    caller.need(Scope.AGENT)
    rows = await caller.rows(
        sql.CLAIM_NEXT,
        wish.agent,
        caller.key_id,
        float(wish.lease_s),
        caller.traceparent,
        wish.capabilities,
        wish.n,
        wish.only_matching,
    )
    return await given_out(caller, wish, rows)


async def given_out(caller: Caller, wish: ClaimNextRequest, rows: Sequence[Row]) -> Claims:
    """The answer to a wish, from the rows of what was claimed for it."""
    claims = await claims_of(caller, rows)
    for held in claims:
        caller.announce("task.claimed", held.task.id)
    if len(claims) == wish.n:
        return Claims(claims=claims)
    paused, stopped = await passed_over(caller.db, wish.agent)
    return Claims(claims=claims, paused=paused, stopped=stopped)


async def heartbeat(caller: Caller, task_id: str, beat: Heartbeat) -> LeaseState:
    """Renews one lease, and says what is being done.

    Raises:
        StaleClaim: the epoch no longer holds the task.
    """
    caller.need(Scope.AGENT)
    row = await caller.row(
        sql.HEARTBEAT,
        task_id,
        beat.epoch,
        caller.held_by,
        caller.traceparent,
        float(beat.lease_s),
        beat.progress,
        beat.note,
    )
    if row is None:
        raise await lost(caller, task_id, beat.epoch)
    if beat.progress is not None or beat.note is not None:
        caller.announce("task.progress", task_id)
    return struct_of(LeaseState, row)


async def lost(caller: Caller, task_id: str, epoch: int) -> StaleClaim | Forbidden:
    """Why a worker's write found no lease.

    Raises:
        TaskNotFound: there is no such task.
    """
    task = await get_task(caller.db, task_id)
    lease = await caller.db.row("SELECT epoch, agent FROM task_lease WHERE task_id = $1", task_id)
    if lease is not None and lease["epoch"] == epoch:
        return Forbidden(f"task {task.number} is held by {lease['agent']}, with another key")
    return stale(
        epoch,
        number=task.number,
        status=task.status,
        claim_epoch=task.claim_epoch,
        current=state_of(task),
    )


def stale(
    epoch: int, *, number: int, status: str, claim_epoch: int, current: dict[str, Any] | None = None
) -> StaleClaim:
    """The refusal of a write with an old epoch."""
    return StaleClaim(
        f"epoch {epoch} does not hold task {number}: it is {status}, "
        f"its last claim had epoch {claim_epoch}; stop this work and write nothing",
        current=current,
    )
