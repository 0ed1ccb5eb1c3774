"""The emergency stop: one switch that stops all claims and schedules, until somebody turns it back."""

from agentops.wire import Pause, Resume, System
from ledger.caller import Caller
from ledger.engine import LedgerEngine
from ledger.events import outbox
from ledger.system.stops import SYSTEM

_PAUSE = f"""INSERT INTO claim_stop (scope, reason, stopped_by) VALUES ('{SYSTEM}', $1, $2)
    ON CONFLICT (scope) WHERE scope = '{SYSTEM}' DO NOTHING RETURNING 1"""  # noqa: S608
_RESUME = f"DELETE FROM claim_stop WHERE scope = '{SYSTEM}' RETURNING since"  # noqa: S608
_READ = f"SELECT reason, stopped_by, since FROM claim_stop WHERE scope = '{SYSTEM}'"  # noqa: S608


async def pause(caller: Caller, wish: Pause) -> System:
    """Stops everything; stopping what is stopped changes nothing, not even the reason."""
    caller.need()
    async with caller.db.joined():
        if await caller.db.row(_PAUSE, wish.reason, caller.name) is not None:
            await outbox.write(caller, "system.paused", SYSTEM, {"reason": wish.reason})
        return await state(caller.db)


async def resume(caller: Caller, wish: Resume) -> System:
    """Lets everything go on."""
    caller.need()
    async with caller.db.joined():
        row = await caller.db.row(_RESUME)
        if row is not None:
            await outbox.write(
                caller, "system.resumed", SYSTEM, {"reason": wish.reason, "paused_since": row["since"]}
            )
        return await state(caller.db)


async def state(db: LedgerEngine) -> System:
    """Whether everything is paused, and by whom."""
    row = await db.row(_READ)
    if row is None:
        return System(paused=False, reason=None, by=None, since=None)
    return System(paused=True, reason=row["reason"], by=row["stopped_by"], since=row["since"])
