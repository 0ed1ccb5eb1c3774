"""Puts the channel together, as `gateway.main` opens it."""

import asyncio
import gc
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from agentops import AgentOpsClient
from gateway.identity.directory import Directory
from gateway.outbound import Ringer
from gateway.session.leases import Leases
from gateway.session.memos import Memos
from gateway.session.stream import SessionStream
from gateway.session.turns import SessionId
from gateway.telegram.access import Access
from gateway.telegram.albums import Albums
from gateway.telegram.channel import TelegramChannel
from gateway.telegram.drafts import Drafts
from gateway.telegram.errands import Errands
from gateway.telegram.intake import Intake
from gateway.telegram.pacing import Pacer
from gateway.telegram.polling import Poller
from gateway.telegram.presence import Presence
from gateway.telegram.presses import Presses
from gateway.telegram.questions import Questions
from gateway.telegram.receipts import Receipts
from gateway.telegram.sender import Sender
from gateway.telegram.settings import TelegramSettings
from gateway.telegram.showing import Showing
from gateway.telegram.strangers import Strangers
from gateway.telegram.taking import Taker
from gateway.telegram.voicenotes import OpenSpeech, VoiceNotes
from gateway.telegram.webhook import Webhook

if TYPE_CHECKING:
    from gateway.telegram.client import TelegramApi

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the channel needs of the gateway."""

    stream: SessionStream
    """Where turns go."""
    ops: AgentOpsClient
    """Where files go and come from, and where buttons act."""
    directory: Directory
    """Who people are."""
    memos: Memos
    leases: Leases
    main_session: SessionId
    """The owners' session, as in the browser."""
    panel: str = ""
    """Where the person's browser opens the panel."""
    speech: OpenSpeech | None = None
    """Ears and mouth for voice notes; None: there are none."""
    ringer: Ringer | None = None
    """For /call; None: there is no telephone."""


def webhook_of(settings: TelegramSettings) -> Webhook | None:
    """The way in for updates, to be mounted by the gateway's server; None means polling."""
    if settings.bot_token is None or not settings.webhook_url or settings.webhook_secret is None:
        return None
    return Webhook(settings.webhook_url, settings.webhook_secret)


@asynccontextmanager
async def open_telegram(
    settings: TelegramSettings, around: Surroundings, webhook: Webhook | None = None
) -> AsyncIterator[TelegramChannel]:
    """Open the channel; Telegram itself is not asked before `run` or `deliver`.

    Args:
        settings: With a token; see `TelegramSettings.bot_token`.
        around: What it needs of the gateway.
        webhook: Where updates come in; None means polling.

    Raises:
        ValueError: The settings have no token.
    """
    if settings.bot_token is None:
        raise ValueError("the Telegram channel needs TELEGRAM_BOT_TOKEN")
    api_class = await asyncio.to_thread(_load_client)
    async with api_class(settings.bot_token, settings.api_base) as api:
        yield _assembled(api, settings, around, webhook)


def _assembled(
    api: "TelegramApi", settings: TelegramSettings, around: Surroundings, webhook: Webhook | None
) -> TelegramChannel:
    clock, ops, memos = time.monotonic, around.ops, around.memos
    presence = Presence(api, clock)
    drafts = Drafts(api, around.stream, memos, enabled=settings.stream_replies)
    receipts = Receipts(api, clock, enabled=settings.reactions)
    sender = Sender(api, Pacer(clock), ops)
    access = Access(
        ops,
        around.directory,
        owners_accounts=settings.allowed_users,
        main_session=around.main_session,
        clock=clock,
    )
    showing = Showing(api, ops, sender, panel=around.panel)
    strangers = Strangers(ops, memos, access, sender)
    questions = Questions(ops, memos, sender, showing)
    presses = Presses(api, ops, access=access, showing=showing, questions=questions, strangers=strangers)
    errands = Errands(
        ops,
        strangers=strangers,
        questions=questions,
        showing=showing,
        panel=around.panel,
        ringer=around.ringer,
    )
    notes = VoiceNotes(api, ops, memos, around.speech)
    intake = Intake(
        api,
        around.stream,
        ops,
        memos,
        access=access,
        strangers=strangers,
        questions=questions,
        errands=errands,
        presence=presence,
        drafts=drafts,
        receipts=receipts,
        sender=sender,
        notes=notes,
    )
    taker = Taker(intake, presses, memos, receipts, clock=clock)
    return TelegramChannel(
        api,
        taker=taker,
        poller=Poller(api, taker, around.leases),
        albums=Albums(taker, memos, around.leases),
        presence=presence,
        drafts=drafts,
        receipts=receipts,
        sender=sender,
        showing=showing,
        notes=notes,
        webhook=webhook,
    )


def _load_client() -> "type[TelegramApi]":
    # aiogram takes seconds to import: only for those who have a bot, and beside the event loop. It makes next
    # to no garbage, and each look for some would stop the loop for a tenth of a second.
    gc.disable()
    try:
        from gateway.telegram.client import TelegramApi
    finally:
        gc.enable()
    return TelegramApi
