"""Everything of this package put together, as `gateway.main` runs it."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import structlog
from redis.asyncio import Redis

from agentops import AgentOpsClient
from agentops.errors import AgentOpsError
from gateway.identity.directory import Directory
from gateway.notify.audience import Audience
from gateway.notify.briefs import BRIEF, Briefs
from gateway.notify.calling import CALL, CallsWanted
from gateway.notify.holding import PEN, Holding
from gateway.notify.ladder import LADDER, Ladder
from gateway.notify.notifier import Cursor, Notifier
from gateway.notify.overdue import Overdue
from gateway.notify.teller import Teller
from gateway.notify.timers import Due, Timers
from gateway.outbound import Caller
from gateway.session.call_wishes import CallWishes
from gateway.session.memos import RedisMemos
from gateway.session.stream import SessionStream
from gateway.session.turns import SessionId

_PLAN_BRIEFS_EVERY_S = 30.0
_LOOK_FOR_LATE_EVERY_S = 60.0
_AFTER_A_FAULT_S = 1.0
_TRIES = 20
"""Of one timer; with its lease between them that is ten minutes."""

log = structlog.get_logger(__name__)


class Notifying:
    """The notifier, and the clock that tells what had to wait."""

    def __init__(
        self,
        notifier: Notifier,
        timers: Timers,
        holding: Holding,
        ladder: Ladder,
        calls: CallsWanted,
        briefs: Briefs,
        overdue: Overdue,
    ) -> None:
        self._notifier = notifier
        self._timers = timers
        self._holding = holding
        self._ladder = ladder
        self._calls = calls
        self._briefs = briefs
        self._overdue = overdue

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._notifier.run(), name="notify")
            group.create_task(self._tell_what_is_due(), name="timers")
            group.create_task(self._plan_briefs(), name="briefs")
            group.create_task(self._tell_what_is_late(), name="overdue")

    async def brief(self, session: SessionId) -> str:
        """How things stand for whoever this session belongs to, now.

        Raises:
            AgentOpsError: The ledger does not answer just now.
        """
        return await self._briefs.now(session)

    async def _tell_what_is_due(self) -> None:
        async with asyncio.TaskGroup() as climbing:
            while True:
                due = await self._timers.next()
                if due.timer.startswith((f"{LADDER}|", f"{CALL}|")):
                    # Ringing somebody takes a minute; other people's news need not wait for it.
                    climbing.create_task(self._try(due))
                else:
                    await self._try(due)

    async def _try(self, due: Due) -> None:
        try:
            await self._do(due)
        except Exception as error:
            # Its lease runs out and it comes again.
            log.warning("timer.failed", timer=due.timer, tries=due.tries, error=str(error))
            if due.tries >= _TRIES:
                log.exception("timer.given_up", timer=due.timer)
                await self._timers.done(due)
            elif isinstance(error, AgentOpsError):
                await asyncio.sleep(_AFTER_A_FAULT_S)

    async def _do(self, due: Due) -> None:
        match due.timer.partition("|")[0]:
            case str(kind) if kind == PEN:
                await self._holding.empty(due)
            case str(kind) if kind == LADDER:
                await self._ladder.climb(due)
            case str(kind) if kind == CALL:
                await self._calls.ring(due)
            case str(kind) if kind == BRIEF:
                await self._briefs.give(due)
            case _:
                log.error("timer.unknown", timer=due.timer)
                await self._timers.done(due)

    async def _plan_briefs(self) -> None:
        while True:
            try:
                await self._briefs.plan()
            except AgentOpsError as error:
                log.warning("briefs.not_planned", code=error.code)
            await asyncio.sleep(_PLAN_BRIEFS_EVERY_S)

    async def _tell_what_is_late(self) -> None:
        while True:
            try:
                await self._overdue.look()
            except AgentOpsError as error:
                log.warning("overdue.not_looked", code=error.code)
            await asyncio.sleep(_LOOK_FOR_LATE_EVERY_S)


def open_notify(
    ops: AgentOpsClient,
    stream: SessionStream,
    redis: Redis,
    directory: Directory,
    main: SessionId,
    *,
    public_url: str = "",
    caller: Caller | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    lease_s: float = 30,
) -> Notifying:
    """Put it together; nothing runs before `run`.

    Args:
        ops: With an admin key.
        stream: Where notices go.
        redis: Where timers and the cursor are.
        directory: Who people are.
        main: The owners' session.
        public_url: Where a browser finds the panel; empty: notices have no links.
        caller: A telephone, for the loudest step of an escalation.
        clock: The time, with its zone. Timers themselves run by Redis' clock.
        lease_s: How long after this gateway's death another tells what was due.
    """
    timers = Timers(redis, lease_s=lease_s)
    audience = Audience(directory, stream)
    teller = Teller(ops, stream, audience)
    holding = Holding(redis, ops, timers, teller, audience)
    ladder = Ladder(redis, timers, ops, teller=teller, audience=audience, caller=caller, clock=clock)
    calls = CallsWanted(
        CallWishes(RedisMemos(redis)),
        timers,
        ops,
        teller=teller,
        audience=audience,
        caller=caller,
        clock=clock,
    )
    notifier = Notifier(
        ops,
        Cursor(redis),
        directory=directory,
        audience=audience,
        teller=teller,
        holding=holding,
        ladder=ladder,
        calls=calls,
        main=main,
        public_url=public_url,
        clock=clock,
    )
    briefs = Briefs(timers, ops, teller=teller, audience=audience, main=main, clock=clock)
    overdue = Overdue(ops, holding, audience, clock=clock)
    return Notifying(notifier, timers, holding, ladder, calls, briefs, overdue)
