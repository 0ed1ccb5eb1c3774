"""Notices that wait: for the end of the quiet hours, for the digest, for the others of a burst.

They wait in pens, one for each session and reason, and are told together when the pen's time has come.
"""

from datetime import datetime, timedelta

import msgspec
from redis.asyncio import Redis

from agentops import AgentOpsClient
from gateway.notify.audience import Audience, Recipient
from gateway.notify.gates import is_open
from gateway.notify.planning import Plan
from gateway.notify.teller import Teller
from gateway.notify.timers import Due, Timers
from gateway.session.redis_client import patiently
from gateway.session.turns import Notice, SessionId

PEN = "pen"
BURST_S = 5.0
"""How long a burst collects."""
AT_ONCE = 3
"""So many of a burst are told as they come; the rest in one."""

_notice = msgspec.json.Decoder(Notice)
_encode = msgspec.json.Encoder().encode


class Holding:
    """Tells a notice now or puts it into a pen, and empties pens."""

    def __init__(
        self, redis: Redis, ops: AgentOpsClient, timers: Timers, teller: Teller, audience: Audience
    ) -> None:
        self._redis = redis
        self._ops = ops
        self._timers = timers
        self._teller = teller
        self._audience = audience

    async def place(self, notice: Notice, recipient: Recipient, plan: Plan, now: datetime) -> bool:
        """Carry out a plan; whether the notice went out now."""
        if await self._placed(notice.id):
            return False
        if plan.until is not None:
            await self._keep(plan.pen, plan.until, notice)
            return False
        if not notice.ring and await self._crowded(notice):
            await self._keep("burst", now + timedelta(seconds=BURST_S), notice)
            return False
        return await self._teller.tell(notice, recipient)

    async def empty(self, due: Due) -> None:
        """Tell what waited in a pen, but for what was told or answered meanwhile.

        Raises:
            AgentOpsError: The ledger does not answer just now.
        """
        notices = [_notice.decode(body) for body in due.items.values()]
        notices = [notice for notice in notices if await self._is_news(notice)]
        if notices:
            recipient = await self._audience.of(notices[0].session_id)
            ring = any(notice.ring for notice in notices)
            for asking in [notice for notice in notices if notice.gate_id]:
                await self._teller.tell(asking, recipient)  # each has buttons of its own
            others = [notice for notice in notices if not notice.gate_id]
            await self._teller.tell_together(others, recipient, ring=ring)
        await self._timers.done(due)

    async def _keep(self, pen: str, until: datetime, notice: Notice) -> None:
        await self._timers.join(_name(pen, notice.session_id), until, notice.id, _encode(notice))

    async def _crowded(self, notice: Notice) -> bool:
        rank = await self._timers.rank(notice.session_id, notice.id, window_s=BURST_S)
        return rank >= AT_ONCE

    async def _placed(self, notice_id: str) -> bool:
        keys = (f"cos:told:{notice_id}", f"cos:kept:{notice_id}")
        return bool(await patiently(lambda: self._redis.exists(*keys)))

    async def _is_news(self, notice: Notice) -> bool:
        if await patiently(lambda: self._redis.exists(f"cos:told:{notice.id}")):
            return False
        return notice.gate_id is None or await is_open(self._ops, notice.gate_id)


def _name(pen: str, session: SessionId) -> str:
    return f"{PEN}|{pen}|{session}"
