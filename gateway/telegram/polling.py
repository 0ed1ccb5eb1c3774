"""Long polling that confirms an update only once it is dealt with.

The offset of the next getUpdates confirms what lies below it, so it moves on after a batch is done with:
every message of it durable, answered, or given up with word to the person. Of several gateways one polls.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING
from uuid import uuid4

import structlog

from gateway.errors import LeaseLost
from gateway.session.leases import Leases, held
from gateway.telegram import updates
from gateway.telegram.introducing import patiently
from gateway.telegram.taking import Taker
from gateway.telegram.updates import BotAccount, Incoming, Press

if TYPE_CHECKING:
    from gateway.telegram.client import Fetched, TelegramApi

log = structlog.get_logger(__name__)

POLL_S = 25
ALBUM_SETTLE_S = 0.5
"""Telegram hands out an album's messages one by one."""
LEASE_S = 3.0
"""How long after a killed gateway the next one begins to poll."""


class Poller:
    """Reads one bot's updates for as long as it runs."""

    def __init__(
        self,
        api: "TelegramApi",
        taker: Taker,
        leases: Leases,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._api = api
        self._taker = taker
        self._leases = leases
        self._sleep = sleep
        self._holder = uuid4().hex
        self._offset: int | None = None

    async def run(self, bot: BotAccount) -> None:
        """Poll until cancelled, through every outage; wait while another gateway does."""
        while True:
            try:
                name = f"telegram-poll:{bot.id}"
                async with held(self._leases, name, self._holder, lease_s=LEASE_S):
                    await self._poll(bot)
            except* LeaseLost:
                log.warning("lease.lost", name="telegram-poll")

    async def _poll(self, bot: BotAccount) -> None:
        self._offset = None  # what another has confirmed meanwhile is not ours to ask for
        # A webhook that was set before, or meanwhile, would refuse every poll.
        await patiently(self._api.drop_webhook, self._sleep)
        log.info("telegram.polling", bot=bot.username)
        while True:
            batch = await patiently(lambda: self._fetch(bot), self._sleep)
            await self._take_all(batch)

    async def _fetch(self, bot: BotAccount) -> "list[Fetched]":
        batch = await self._api.fetch(bot, self._offset, wait_s=POLL_S)
        if any(isinstance(fetched.incoming, Incoming) and fetched.incoming.album for fetched in batch):
            await self._sleep(ALBUM_SETTLE_S)
            # With the same offset Telegram gives the same ones again, and those that came since.
            batch = await self._api.fetch(bot, self._offset, wait_s=0)
        return batch

    async def _take_all(self, batch: "list[Fetched]") -> None:
        chats: dict[int, list[Incoming | Press]] = {}
        for incoming in (fetched.incoming for fetched in batch):
            if incoming is not None:
                chats.setdefault(incoming.chat_id, []).append(incoming)
        async with asyncio.TaskGroup() as tasks:
            for waiting in chats.values():
                tasks.create_task(self._take_in_order(waiting))
        if batch:
            self._offset = batch[-1].update_id + 1

    async def _take_in_order(self, waiting: list[Incoming | Press]) -> None:
        for incoming in updates.join_albums(waiting):
            await self._taker.take(incoming)
