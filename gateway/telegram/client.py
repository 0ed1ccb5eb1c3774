"""The Bot API as this package uses it: aiogram inside, our own types and errors outside.

Nothing but this module and `keyboards` imports aiogram. What it raises has the token cut out of its message.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import structlog
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    AiogramError,
    ClientDecodeError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.methods import GetUpdates, TelegramMethod
from aiogram.methods.base import Response, TelegramType
from aiogram.types import (
    BotCommand,
    BufferedInputFile,
    File,
    LinkPreviewOptions,
    Message,
    ReactionTypeEmoji,
    Update,
    User,
    WebhookInfo,
)
from aiohttp import ClientConnectorError, ClientError, ClientResponseError
from pydantic import SecretStr, ValidationError

from gateway.telegram import errors, metrics, updates
from gateway.telegram.buttons import Inline, Manner
from gateway.telegram.commands import Command
from gateway.telegram.keyboards import answering, inline, markup
from gateway.telegram.places import MessageRef, Place
from gateway.telegram.updates import DOWNLOAD_LIMIT_MB, BotAccount, Incoming, Press

log = structlog.get_logger(__name__)

HEARD = ["message", "edited_message", "callback_query"]
"""The kinds of updates that say something to us."""
CALL_TIMEOUT_S = 20
TRANSFER_TIMEOUT_S = 120
_ANSWERS = tuple(
    Response[kind]  # type: ignore[valid-type]
    for kind in (list[Update], Message, Message | bool, bool, File, User, WebhookInfo)
)
"""Held, because nobody else does: aiogram would make them anew, for milliseconds in which all else stands."""
_GONE = ("chat not found", "user is deactivated", "bot was kicked", "peer_id_invalid")


@dataclass(frozen=True, slots=True)
class Fetched:
    """One update; `incoming` is None for one that says nothing to us."""

    update_id: int
    incoming: Incoming | Press | None


class _Session(AiohttpSession):
    """Takes note of when updates came, before they are read."""

    polled_at = 0.0

    def check_response(
        self, bot: Bot, method: TelegramMethod[TelegramType], status_code: int, content: str
    ) -> Response[TelegramType]:
        if isinstance(method, GetUpdates):
            self.polled_at = metrics.arrived()
        return super().check_response(bot, method, status_code, content)


class TelegramApi:
    """One bot's connection to a Bot API server. Nothing is asked of it before the first call."""

    def __init__(self, token: SecretStr, api_base: str) -> None:
        self._token = token.get_secret_value()
        server = TelegramAPIServer.from_base(api_base)
        self._session = _Session(api=server, timeout=CALL_TIMEOUT_S)
        self._bot = Bot(self._token, session=self._session)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    # --- the bot

    async def account(self) -> BotAccount:
        """Who the bot is; the cheapest way to learn whether the token is good."""
        with self._translated():
            me = await self._bot.get_me()
        return BotAccount(id=me.id, username=me.username or "")

    async def set_menu(self, commands: Iterable[Command]) -> None:
        """Show these commands in every client's menu."""
        menu = [BotCommand(command=command.name, description=command.description) for command in commands]
        with self._translated():
            await self._bot.set_my_commands(menu)

    async def drop_webhook(self) -> None:
        """Make polling possible where a webhook was set before; waiting updates stay."""
        with self._translated():
            await self._bot.delete_webhook(drop_pending_updates=False)

    async def set_webhook(self, url: str, secret: SecretStr) -> int:
        """Have updates sent to this address; returns how many wait, none of which is dropped."""
        with self._translated():
            await self._bot.set_webhook(
                url,
                secret_token=secret.get_secret_value(),
                allowed_updates=HEARD,
                drop_pending_updates=False,
            )
            info = await self._bot.get_webhook_info()
        return info.pending_update_count

    # --- in

    async def fetch(self, bot: BotAccount, offset: int | None, *, wait_s: int) -> list[Fetched]:
        """Wait for updates from `offset` on, which confirms all below it.

        Raises:
            AnotherPoller: Somebody else polls.
        """
        with self._translated():
            try:
                found = await self._bot.get_updates(
                    offset=offset,
                    timeout=wait_s,
                    allowed_updates=HEARD,
                    request_timeout=wait_s + CALL_TIMEOUT_S,
                )
            except ClientDecodeError as error:
                return self._one_by_one(error, bot)
        return [_fetched(update, bot, self._session.polled_at) for update in found]

    async def download(self, file_id: str) -> bytes:
        """Fetch a file into memory.

        Raises:
            FileTooBig: It has more than 20 MB, whatever its message said.
        """
        content = bytearray()
        with self._translated():
            file = await self._bot.get_file(file_id)
            url = self._session.api.file_url(self._token, quote(file.file_path or "", safe="/"))
            async for piece in self._session.stream_content(url, timeout=TRANSFER_TIMEOUT_S):
                content += piece
                if len(content) > DOWNLOAD_LIMIT_MB * 2**20:
                    raise errors.FileTooBig(f"more than {DOWNLOAD_LIMIT_MB} MB")
        return bytes(content)

    # --- out

    async def send_text(self, place: Place, text: str, manner: Manner, *, html: bool) -> int:
        """Send one message, at most 4,096 UTF-16 units without its markup; returns its id."""
        with self._translated():
            sent = await self._bot.send_message(
                place.chat_id,
                text,
                message_thread_id=place.topic_id,
                parse_mode="HTML" if html else None,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
                disable_notification=manner.silent or None,
                reply_parameters=answering(manner),
                reply_markup=markup(manner.keyboard),
            )
        return sent.message_id

    async def send_picture(
        self, place: Place, file: BufferedInputFile, caption: str | None, manner: Manner, *, html: bool
    ) -> int:
        """Send a PNG, JPEG or WebP of at most 10 MB, shown in the chat; returns the message's id."""
        with self._translated():
            sent = await self._bot.send_photo(
                place.chat_id,
                file,
                message_thread_id=place.topic_id,
                caption=caption,
                parse_mode="HTML" if html and caption else None,
                disable_notification=manner.silent or None,
                reply_parameters=answering(manner),
                reply_markup=markup(manner.keyboard),
                request_timeout=TRANSFER_TIMEOUT_S,
            )
        return sent.message_id

    async def send_document(
        self, place: Place, file: BufferedInputFile, caption: str | None, manner: Manner, *, html: bool
    ) -> int:
        """Send any file of at most 50 MB; returns the message's id."""
        with self._translated():
            sent = await self._bot.send_document(
                place.chat_id,
                file,
                message_thread_id=place.topic_id,
                caption=caption,
                parse_mode="HTML" if html and caption else None,
                disable_notification=manner.silent or None,
                reply_parameters=answering(manner),
                reply_markup=markup(manner.keyboard),
                request_timeout=TRANSFER_TIMEOUT_S,
            )
        return sent.message_id

    async def send_voice(self, place: Place, recording: bytes, *, silent: bool) -> int:
        """Send OGG/Opus as a voice note; returns the message's id."""
        with self._translated():
            sent = await self._bot.send_voice(
                place.chat_id,
                BufferedInputFile(recording, "answer.ogg"),
                message_thread_id=place.topic_id,
                disable_notification=silent or None,
                request_timeout=TRANSFER_TIMEOUT_S,
            )
        return sent.message_id

    @staticmethod
    def file(name: str, content: bytes) -> BufferedInputFile:
        """A file as the calls above take it."""
        return BufferedInputFile(content, name)

    async def edit(
        self,
        message: MessageRef,
        text: str,
        keyboard: Inline | None = None,
        *,
        captioned: bool = False,
        html: bool = True,
    ) -> None:
        """Put other words, and these buttons or none, in place of a message of the bot's own."""
        mode, under = "HTML" if html else None, inline(keyboard) if keyboard else None
        with self._translated():
            if captioned:
                await self._bot.edit_message_caption(
                    chat_id=message.chat_id,
                    message_id=message.message_id,
                    caption=text,
                    parse_mode=mode,
                    reply_markup=under,
                )
            else:
                await self._bot.edit_message_text(
                    text,
                    chat_id=message.chat_id,
                    message_id=message.message_id,
                    parse_mode=mode,
                    link_preview_options=LinkPreviewOptions(is_disabled=True),
                    reply_markup=under,
                )

    async def edit_buttons(self, message: MessageRef, keyboard: Inline) -> None:
        """Put other buttons under a message of the bot's own."""
        with self._translated():
            await self._bot.edit_message_reply_markup(
                chat_id=message.chat_id, message_id=message.message_id, reply_markup=inline(keyboard)
            )

    async def delete(self, message: MessageRef) -> None:
        """Take back a message of the bot's own."""
        with self._translated():
            await self._bot.delete_message(message.chat_id, message.message_id)

    async def answer_press(self, press_id: str, text: str, *, alert: bool = False) -> None:
        """End the waiting of who pressed; an alert has to be read away."""
        with self._translated():
            await self._bot.answer_callback_query(press_id, text=text[:200] or None, show_alert=alert)

    async def react(self, message: MessageRef, emoji: str) -> None:
        """Put the bot's one reaction on a message."""
        with self._translated():
            await self._bot.set_message_reaction(
                message.chat_id, message.message_id, reaction=[ReactionTypeEmoji(emoji=emoji)]
            )

    async def show_typing(self, place: Place) -> None:
        """Show for five seconds that an answer is being written."""
        with self._translated():
            await self._bot.send_chat_action(place.chat_id, "typing", message_thread_id=place.topic_id)

    # --- reading

    def read(self, raw: dict[str, Any], bot: BotAccount, arrived_at: float) -> Fetched:
        """Read one update as Telegram sends it; one that makes no sense spoils itself alone."""
        return self._readable(raw, bot, arrived_at)

    # --- errors

    def _one_by_one(self, error: ClientDecodeError, bot: BotAccount) -> list[Fetched]:
        """Read a batch in which aiogram could not read something, so that it spoils itself alone."""
        if not isinstance(error.data, dict) or not isinstance(error.data.get("result"), list):
            raise error
        return [self._readable(raw, bot, self._session.polled_at) for raw in error.data["result"]]

    def _readable(self, raw: dict[str, Any], bot: BotAccount, arrived_at: float) -> Fetched:
        try:
            return _fetched(Update.model_validate(raw, context={"bot": self._bot}), bot, arrived_at)
        except ValidationError as invalid:
            fields = [".".join(map(str, problem["loc"])) for problem in invalid.errors()]
            log.warning("telegram.update_unreadable", update_id=raw["update_id"], fields=fields[:5])
            return Fetched(raw["update_id"], None)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (AiogramError, ClientError, OSError, TimeoutError, ValueError) as error:
            # The cause is cut off: its message, and the request in it, quote the token.
            raise self._ours(error) from None

    def _ours(self, error: Exception) -> errors.TelegramError:
        detail = self._scrubbed(error)
        match error:
            case TelegramRetryAfter():
                return errors.SlowDown(detail, error.retry_after)
            case TelegramForbiddenError() | TelegramMigrateToChat():
                return errors.Blocked(detail)
            case TelegramUnauthorizedError() | TelegramNotFound():
                return errors.TokenRefused(detail)
            case TelegramConflictError():
                return errors.AnotherPoller(detail)
            case TelegramEntityTooLarge():
                return errors.FileTooBig(detail)
            case TelegramBadRequest():
                return _bad_request(detail)
            case ClientResponseError():  # only downloads; their URL holds the token
                return errors.Unreachable(f"the file server answered {error.status}")
        return errors.Unreachable(detail, perhaps_done=not _nobody_asked(error))

    def _scrubbed(self, error: Exception) -> str:
        if isinstance(error, ClientDecodeError):
            return f"not an answer of the Bot API: {error.message}"
        detail = f"{type(error).__name__}: {error}"
        for form in (self._token, quote(self._token), quote(self._token, safe="")):
            detail = detail.replace(form, "<token>")
        return detail


def _nobody_asked(error: Exception) -> bool:
    """The connection itself could not be made; aiogram wraps aiohttp's error."""
    return isinstance(error, ClientConnectorError) or isinstance(error.__cause__, ClientConnectorError)


def _fetched(update: Update, bot: BotAccount, arrived_at: float) -> Fetched:
    try:
        return Fetched(update.update_id, updates.read_update(update, bot, arrived_at))
    except Exception:  # one odd message must not stop all that follow
        log.exception("telegram.update_unreadable", update_id=update.update_id)
        return Fetched(update.update_id, None)


def _bad_request(detail: str) -> errors.TelegramError:
    said = detail.casefold()
    if "can't parse entities" in said:
        return errors.BadMarkup(detail)
    if "file is too big" in said:
        return errors.FileTooBig(detail)
    if any(gone in said for gone in _GONE):
        return errors.Blocked(detail)
    return errors.Refused(detail)
