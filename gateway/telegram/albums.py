"""Albums that come one message at a time, each of which has to be kept before the next one is sent.

A webhook's update is acknowledged before Telegram sends the chat's next one, so the parts wait in memos until
no more come; whichever gateway holds the lease then makes one message of them.
"""

import asyncio
import time
from collections.abc import Callable
from uuid import uuid4

import msgspec
import structlog

from gateway.errors import LeaseLost
from gateway.session.leases import Leases, held
from gateway.session.memos import Memos
from gateway.telegram.taking import Taker
from gateway.telegram.updates import Incoming, join_albums

log = structlog.get_logger(__name__)

SETTLE_S = 0.7
SWEEP_S = 2.0
"""Parts that a killed gateway left, or that another took, wait no longer than this besides."""
LEASE_S = 3.0
_KEEP_S = 2 * 86_400
_ALL = "telegram:albums"


class Albums:
    """The albums that are still coming in. `run` must run beside."""

    def __init__(
        self, taker: Taker, memos: Memos, leases: Leases, *, now: Callable[[], float] = time.time
    ) -> None:
        self._taker = taker
        self._memos = memos
        self._leases = leases
        self._now = now
        self._holder = uuid4().hex
        self._more = asyncio.Event()

    async def keep(self, part: Incoming) -> None:
        """Make a part durable; it is taken with the others."""
        album = f"telegram:album:{part.chat_id}:{part.album}"
        body = msgspec.json.encode(part).decode()
        await self._memos.gather(album, str(part.message_id), body, keep_s=_KEEP_S)
        await self._memos.gather(_ALL, album, str(self._now() + SETTLE_S), keep_s=_KEEP_S)
        self._more.set()

    async def run(self) -> None:
        """Join and take albums until cancelled; of several gateways one does."""
        while True:
            try:
                async with held(self._leases, "telegram-albums", self._holder, lease_s=LEASE_S):
                    while True:
                        await self._sweep()
            except* LeaseLost:
                log.warning("lease.lost", name="telegram-albums")

    async def _sweep(self) -> None:
        self._more.clear()
        waiting = await self._memos.gathered(_ALL)
        due = [album for album, at in waiting.items() if float(at) <= self._now()]
        for album in due:
            await self._take(album, waiting[album])
        left = [float(at) for album, at in waiting.items() if album not in due]
        wait_s = min([SWEEP_S, *(max(at - self._now(), 0.01) for at in left)])
        try:
            async with asyncio.timeout(wait_s):
                await self._more.wait()
        except TimeoutError:
            pass

    async def _take(self, album: str, due_at: str) -> None:
        kept = await self._memos.gathered(album)
        parts = [msgspec.json.decode(kept[name], type=Incoming) for name in sorted(kept, key=int)]
        for whole in join_albums(parts):
            await self._taker.take(whole)
        for name, part in kept.items():
            await self._memos.drop_from(album, name, part)
        await self._memos.drop_from(_ALL, album, due_at)  # unless one came late, and is taken by itself
