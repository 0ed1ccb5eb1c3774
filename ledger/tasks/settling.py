"""What a busy worker does over and over: hand in what is done, take what is next."""

from agentops.wire import Scope, Settle, Settled
from ledger.caller import Caller
from ledger.once import Command
from ledger.tasks import sql
from ledger.tasks.claims import given_out
from ledger.tasks.outcomes import handed_in, outcomes_of


async def settle(caller: Caller, wish: Settle) -> Settled:
    """Ends tasks, each under its own epoch, and claims the next ones, in one statement."""
    caller.need(Scope.AGENT)
    statement, items = _half(caller, wish)
    rows = await caller.rows(
        statement,
        *items,
        wish.agent,
        caller.key_id,
        float(wish.lease_s),
        caller.traceparent,
        wish.capabilities,
        wish.n,
        wish.only_matching,
    )
    outcomes = outcomes_of(caller, wish.items, rows)
    given = await given_out(caller, wish, [row for row in rows if row.get("id") or row.get("ids")])
    return Settled(claims=given.claims, paused=given.paused, stopped=given.stopped, outcomes=outcomes)


def _half(caller: Caller, wish: Settle) -> tuple[Command, tuple[object, ...]]:
    """The statement for so many items, and its first arguments."""
    ids, epochs, results, *whose = handed_in(caller, wish.items)
    if len(wish.items) != 1:
        return sql.SETTLE, (ids, epochs, results, *whose)
    (item,) = wish.items
    return sql.SETTLE_ONE, (item.task_id, item.epoch, item.result, *whose)
