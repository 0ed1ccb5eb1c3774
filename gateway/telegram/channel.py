"""The channel: everything of this package put together, as `gateway.main` opens it."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import structlog

from agentops import AgentOpsClient
from agentops.errors import AgentOpsError
from gateway.outbound import Outgoing, PartSent, RetryLater, Undeliverable
from gateway.session.stream import SessionStream
from gateway.telegram import parts
from gateway.telegram.access import Access
from gateway.telegram.errors import SlowDown, TelegramError, TokenRefused, Unreachable
from gateway.telegram.intake import Intake
from gateway.telegram.pacing import Pacer
from gateway.telegram.parts import Part
from gateway.telegram.polling import Poller
from gateway.telegram.presence import Presence
from gateway.telegram.sender import Sender
from gateway.telegram.settings import TelegramSettings

if TYPE_CHECKING:
    from gateway.telegram.client import TelegramApi

log = structlog.get_logger(__name__)


class TelegramChannel:
    """One bot: reads what people write to it, and delivers what is for them. Fills `outbound.Channel`."""

    name = "telegram"

    def __init__(self, *, poller: Poller, presence: Presence, sender: Sender) -> None:
        self._poller = poller
        self._presence = presence
        self._sender = sender

    async def run(self) -> None:
        """Read messages until cancelled. An outage or a wrong token is logged and waited out."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._poller.run(), name="telegram polling")
            tasks.create_task(self._presence.run(), name="telegram typing")

    async def deliver(self, address: str, outgoing: Outgoing, sent: PartSent) -> None:
        """Send what is left of a message to the chat with the id `address`.

        Raises:
            RetryLater: Telegram or the ledger did not take or give the next part now.
            Undeliverable: The person blocked the bot, the chat is gone, or Telegram calls the part nonsense.
        """
        try:
            chat_id = int(address)
        except ValueError:
            raise Undeliverable("the address is not the id of a Telegram chat") from None
        if outgoing.turn_id is not None:
            self._presence.end(outgoing.turn_id)
        waiting = parts.plan(outgoing.text, outgoing.attachments)[outgoing.parts_sent :]
        for position, part in enumerate(waiting):
            repeat = outgoing.possible_repeat and position == 0
            await self._send(chat_id, part.marked() if repeat else part)
            await sent()

    async def _send(self, chat_id: int, part: Part) -> None:
        try:
            await self._sender.send(chat_id, part)
        except SlowDown as error:
            raise RetryLater(error.after_s, str(error)) from None
        except (Unreachable, TokenRefused) as error:
            raise RetryLater(reason=str(error)) from None
        except TelegramError as error:
            raise Undeliverable(str(error)) from None
        except AgentOpsError as error:
            raise RetryLater(error.retry_after_s, str(error)) from error


@asynccontextmanager
async def open_telegram(
    settings: TelegramSettings, stream: SessionStream, ops: AgentOpsClient, default_session: str
) -> AsyncIterator[TelegramChannel]:
    """Open the channel; Telegram itself is not asked before `run` or `deliver`.

    Args:
        settings: With a token; see `TelegramSettings.bot_token`.
        stream: Where turns go.
        ops: Where files go and come from.
        default_session: The session of every private chat: the owner's, as in the browser.

    Raises:
        ValueError: The settings have no token.
    """
    if settings.bot_token is None:
        raise ValueError("the Telegram channel needs TELEGRAM_BOT_TOKEN")
    if not settings.allowed_users:
        log.warning("telegram.nobody_allowed", set="TELEGRAM_ALLOWED_USERS")
    api_class = await asyncio.to_thread(_load_client)
    async with api_class(settings.bot_token, settings.api_base) as api:
        yield _assembled(api, settings, stream, ops, default_session)


def _assembled(
    api: "TelegramApi",
    settings: TelegramSettings,
    stream: SessionStream,
    ops: AgentOpsClient,
    default_session: str,
) -> TelegramChannel:
    clock = time.monotonic
    presence = Presence(api, clock)
    sender = Sender(api, Pacer(clock), ops)
    access = Access(settings.allowed_users, clock)
    intake = Intake(
        api,
        stream,
        ops,
        access=access,
        presence=presence,
        sender=sender,
        default_session=default_session,
    )
    return TelegramChannel(poller=Poller(api, intake, clock=clock), presence=presence, sender=sender)


def _load_client() -> "type[TelegramApi]":
    # aiogram takes seconds to import: only for those who have a bot, and beside the event loop.
    from gateway.telegram.client import TelegramApi

    return TelegramApi
