"""Long polling that confirms an update only once it is dealt with.

The offset of the next getUpdates confirms what lies below it, so it moves on after a batch is done with:
every message of it durable, answered, or given up with word to the person.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

import structlog

from agentops.errors import AgentOpsError
from gateway.telegram import answers, updates
from gateway.telegram.commands import COMMANDS
from gateway.telegram.errors import (
    AnotherPoller,
    Refused,
    SlowDown,
    TelegramError,
    TokenRefused,
    Unreachable,
)
from gateway.telegram.updates import BotAccount, Incoming

if TYPE_CHECKING:
    from gateway.telegram.client import Fetched, TelegramApi
    from gateway.telegram.intake import Intake

log = structlog.get_logger(__name__)

T = TypeVar("T")

POLL_S = 25
ALBUM_SETTLE_S = 0.5
"""Telegram hands out an album's messages one by one."""
FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 30.0
PATIENCE_S = 60.0
"""How long one message may hold up those behind it."""
TRIES = 3
"""For what time does not heal."""


class Poller:
    """Reads one bot's updates for as long as it runs."""

    def __init__(
        self,
        api: "TelegramApi",
        intake: "Intake",
        *,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._api = api
        self._intake = intake
        self._clock = clock
        self._sleep = sleep
        self._offset: int | None = None

    async def run(self) -> None:
        """Poll until cancelled, through every outage."""
        bot = await self._patiently(self._introduce)
        while True:
            batch = await self._patiently(lambda: self._fetch(bot))
            await self._take_all(batch)

    async def _introduce(self) -> BotAccount:
        bot = await self._api.account()
        await self._api.drop_webhook()
        try:
            await self._api.set_menu(COMMANDS)
        except Refused as error:  # commands work without a menu
            log.warning("telegram.menu_refused", reason=str(error))
        log.info("telegram.connected", bot=bot.username)
        return bot

    async def _fetch(self, bot: BotAccount) -> "list[Fetched]":
        batch = await self._api.fetch(bot, self._offset, wait_s=POLL_S)
        if any(fetched.incoming and fetched.incoming.album for fetched in batch):
            await self._sleep(ALBUM_SETTLE_S)
            # With the same offset Telegram gives the same ones again, and those that came since.
            batch = await self._api.fetch(bot, self._offset, wait_s=0)
        return batch

    async def _take_all(self, batch: "list[Fetched]") -> None:
        chats: dict[int, list[Incoming]] = {}
        for incoming in (fetched.incoming for fetched in batch):
            if incoming is not None:
                chats.setdefault(incoming.chat_id, []).append(incoming)
        async with asyncio.TaskGroup() as tasks:
            for messages in chats.values():
                tasks.create_task(self._take_in_order(messages))
        if batch:
            self._offset = batch[-1].update_id + 1

    async def _take_in_order(self, messages: list[Incoming]) -> None:
        for message in updates.join_albums(messages):
            await self._take(message)

    async def _take(self, message: Incoming) -> None:
        give_up_at, tries = self._clock() + PATIENCE_S, 0
        while True:
            tries += 1
            try:
                await self._intake.take(message)
            except Exception as error:
                if self._clock() >= give_up_at or (tries >= TRIES and not _heals(error)):
                    await self._give_up(message, error)
                    return
                log.warning("telegram.message_delayed", message=message.external_id, reason=_reason(error))
                await self._sleep(min(_wait_s(error, tries), LONGEST_WAIT_S))
            else:
                return

    async def _give_up(self, message: Incoming, error: Exception) -> None:
        known = isinstance(error, TelegramError | AgentOpsError)
        log.error(
            "telegram.message_dropped",
            message=message.external_id,
            reason=_reason(error),
            exc_info=None if known else error,
        )
        try:
            await self._intake.say(message.chat_id, answers.unheard(message.text))
        except Exception as unsaid:
            log.warning("telegram.person_not_told", message=message.external_id, reason=_reason(unsaid))

    async def _patiently(self, call: Callable[[], Awaitable[T]]) -> T:
        tries = 0
        while True:
            try:
                result = await call()
            except TelegramError as error:
                tries += 1
                if tries == 1:
                    _report(error)
                await self._sleep(_wait_s(error, tries))
            else:
                if tries:
                    log.info("telegram.back", tries=tries)
                return result


def _report(error: TelegramError) -> None:
    match error:
        case TokenRefused():
            log.error("telegram.token_refused", reason=str(error), check="TELEGRAM_BOT_TOKEN")
        case AnotherPoller():
            log.warning("telegram.other_poller", reason=str(error))
        case _:
            log.warning("telegram.unreachable", reason=str(error))


def _reason(error: Exception) -> str:
    # Errors that are ours or the SDK's quote no secret; of the others only the kind is sure to be harmless.
    known = isinstance(error, TelegramError | AgentOpsError)
    return f"{type(error).__name__}: {error}" if known else type(error).__name__


def _heals(error: Exception) -> bool:
    if isinstance(error, AgentOpsError):
        return error.retryable
    return isinstance(error, SlowDown | Unreachable | TokenRefused)


def _wait_s(error: Exception, tries: int) -> float:
    if isinstance(error, SlowDown):
        return error.after_s
    return float(min(FIRST_WAIT_S * 2 ** min(tries - 1, 10), LONGEST_WAIT_S))
