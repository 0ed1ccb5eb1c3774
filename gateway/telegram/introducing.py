"""The first words with Telegram, and patience with it whenever it is away."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

import structlog

from gateway.telegram import taking
from gateway.telegram.commands import COMMANDS
from gateway.telegram.errors import AnotherPoller, Refused, TelegramError, TokenRefused
from gateway.telegram.updates import BotAccount

if TYPE_CHECKING:
    from gateway.telegram.client import TelegramApi

log = structlog.get_logger(__name__)

T = TypeVar("T")


async def introduced(api: "TelegramApi") -> BotAccount:
    """Learn who the bot is and show its commands, however long that takes."""
    return await patiently(lambda: _introduce(api))


async def patiently(
    call: Callable[[], Awaitable[T]], sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> T:
    """Repeat a call until Telegram answers it."""
    tries = 0
    while True:
        try:
            result = await call()
        except TelegramError as error:
            tries += 1
            if tries == 1:
                _report(error)
            await sleep(taking.wait_s(error, tries))
        else:
            if tries:
                log.info("telegram.back", tries=tries)
            return result


async def _introduce(api: "TelegramApi") -> BotAccount:
    bot = await api.account()
    try:
        await api.set_menu(COMMANDS)
    except Refused as error:  # commands work without a menu
        log.warning("telegram.menu_refused", reason=str(error))
    log.info("telegram.connected", bot=bot.username)
    return bot


def _report(error: TelegramError) -> None:
    match error:
        case TokenRefused():
            log.error("telegram.token_refused", reason=str(error), check="TELEGRAM_BOT_TOKEN")
        case AnotherPoller():
            log.warning("telegram.other_poller", reason=str(error))
        case _:
            log.warning("telegram.unreachable", reason=str(error))
