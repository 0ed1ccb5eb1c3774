"""What a busy worker does over and over: hand in what is done, take what is next."""

from agentops.wire import Scope, Settle, Settled
from ledger.caller import Caller
from ledger.ids import checked
from ledger.tasks import sql
from ledger.tasks.claims import given_out
from ledger.tasks.outcomes import outcomes_of


async def settle(caller: Caller, wish: Settle) -> Settled:
    """Ends tasks, each under its own epoch, and claims the next ones, in one statement."""
    caller.need(Scope.AGENT)
    items = wish.items
    checked([item.task_id for item in items], "items")
    rows = await caller.rows(
        sql.SETTLE,
        [item.task_id for item in items],
        [item.epoch for item in items],
        [item.result for item in items],
        caller.held_by,
        caller.traceparent,
        wish.agent,
        caller.key_id,
        float(wish.lease_s),
        caller.traceparent,
        wish.capabilities,
        wish.n,
        wish.only_matching,
    )
    outcomes = outcomes_of(caller, [row for row in rows if row["was_task_id"] is not None], sql.WAS)
    given = await given_out(caller, wish, [row for row in rows if row["id"] is not None])
    return Settled(claims=given.claims, paused=given.paused, stopped=given.stopped, outcomes=outcomes)
