"""Puts the telephone together, as `gateway.main` opens it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import structlog
from litestar import Router
from pydantic import SecretStr

from agentops import AgentOpsClient
from gateway.identity.directory import Directory
from gateway.outbound import Caller, Ringer
from gateway.phone.callers import Callers
from gateway.phone.desk import Desk
from gateway.phone.lines import Lines
from gateway.phone.receipts import Receipts
from gateway.phone.recordings import Recordings
from gateway.phone.records import Records
from gateway.phone.settings import PhoneSettings
from gateway.phone.speech import Engines
from gateway.session.call_wishes import CallWishes
from gateway.session.memos import Memos
from gateway.session.stream import SessionStream
from gateway.session.turns import SessionId

if TYPE_CHECKING:
    from gateway.phone.ringing import Ringing

_ANNOUNCED_S = 180

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the telephone needs of the gateway."""

    stream: SessionStream
    ops: AgentOpsClient
    directory: Directory
    memos: Memos
    main_session: SessionId
    """The owners' session."""


@dataclass(frozen=True, slots=True)
class Telephone:
    """What the gateway does with it."""

    desk: Desk
    """Holds calls; the browser's, too."""
    routers: Sequence[Router]
    """To be mounted by the gateway's server; none without an account."""
    caller: Caller | None
    """Rings somebody; None without an account."""
    ringer: Ringer | None
    """The same, for somebody who asks for it."""
    drain_s: float

    @asynccontextmanager
    async def open_lines(self) -> AsyncIterator[None]:
        """At the end of the block nobody new is let in, and those who talk may finish."""
        try:
            yield
        finally:
            await self.desk.lines.drain(self.drain_s)


@asynccontextmanager
async def open_phone(settings: PhoneSettings, around: Surroundings) -> AsyncIterator[Telephone]:
    """Open it. Nothing heavy is loaded before a call, unless there is an account; then beside the start."""
    clock = _now
    engines = Engines()
    desk = Desk(
        stream=around.stream,
        ops=around.ops,
        memos=around.memos,
        lines=Lines(settings.max_calls),
        engines=engines,
        records=Records(around.ops),
        receipts=Receipts(around.stream, around.ops, clock, settings.panel_url),
        recordings=Recordings(setting=settings.recording, ops=around.ops, memos=around.memos, clock=clock),
        pin_hash=settings.pin_hash,
        clock=clock,
    )
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(engines.running())
        if not settings.connected:
            yield Telephone(desk, (), None, None, settings.drain_s)
            return
        if not settings.reached_at:
            log.warning(
                "phone.not_reachable", advice="set PHONE_PUBLIC_URL to where Twilio reaches the gateway"
            )
        engines.warm_up()
        routers, ringing = await stack.enter_async_context(_connected(settings, around, desk))
        log.info("phone.connected", number=settings.number)
        yield Telephone(desk, routers, ringing, ringing, settings.drain_s)


@asynccontextmanager
async def _connected(
    settings: PhoneSettings, around: Surroundings, desk: Desk
) -> AsyncIterator[tuple[Sequence[Router], "Ringing"]]:
    """The telephone network behind the desk. Here, because it loads twilio's SDK."""
    from gateway.phone.costs import Costs
    from gateway.phone.placed import Placed
    from gateway.phone.rest import open_rest
    from gateway.phone.ringing import Ringing
    from gateway.phone.signatures import Signatures
    from gateway.phone.streams import Streams
    from gateway.phone.tickets import Tickets
    from gateway.phone.webhooks import STREAM, Webhooks

    token = settings.auth_token or SecretStr("")  # the settings see to it that there is one
    signatures = Signatures(token, settings.reached_at)
    tickets, placed = Tickets(around.memos), Placed(around.memos)
    callers = Callers(settings, around.ops, around.directory, around.main_session)
    async with open_rest(settings) as rest:
        costs = Costs(around.memos, around.ops)
        webhooks = Webhooks(
            settings,
            signatures,
            tickets=tickets,
            callers=callers,
            lines=desk.lines,
            placed=placed,
            costs=costs,
            engines=desk.engines,
            main=around.main_session,
        )
        streams = Streams(signatures, tickets, desk, account_sid=settings.account_sid, hang_up=rest.hang_up)
        ringing = Ringing(
            settings=settings,
            ops=around.ops,
            rest=rest,
            callers=callers,
            placed=placed,
            records=desk.records,
            memos=around.memos,
            stream=around.stream,
            clock=desk.clock,
        )
        pricing = asyncio.create_task(costs.run(rest), name="call costs")
        announcing = asyncio.create_task(_announce(CallWishes(around.memos)), name="telephone")
        try:
            yield (webhooks.router(), streams.router(STREAM)), ringing
        finally:
            beside = (pricing, announcing, *ringing.background)
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)


async def _announce(wishes: CallWishes) -> None:
    """Let the chief know that there is a telephone to ring with, as long as there is."""
    while True:
        await wishes.announce_telephone(keep_s=_ANNOUNCED_S)
        await asyncio.sleep(_ANNOUNCED_S / 3)


def _now() -> datetime:
    return datetime.now(UTC)
