"""From Telegram's updates to what the rest of this package understands."""

import mimetypes
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from gateway.session.turns import TurnId
from gateway.telegram import commands, places
from gateway.telegram.places import MessageRef, Place

if TYPE_CHECKING:
    from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message, Update

DOWNLOAD_LIMIT_MB = 20
"""What the Bot API lets a bot fetch: https://core.telegram.org/bots/api#getfile"""

_UNREADABLE = {
    "video_note": "video messages",
    "sticker": "stickers",
    "location": "places",
    "venue": "places",
    "poll": "polls",
    "dice": "dice",
    "story": "stories",
}


@dataclass(frozen=True, slots=True)
class BotAccount:
    """Who the bot is."""

    id: int
    username: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingFile:
    """A file that waits at Telegram."""

    file_id: str
    name: str
    media_type: str
    size_bytes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedNumber:
    """A phone number that was sent as a contact."""

    number: str
    user_id: int | None
    """Whose it is by Telegram's word; None when Telegram does not know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One message, or one album, from a person."""

    bot_id: int
    chat_id: int
    topic_id: int | None = None
    message_id: int
    user_id: int
    user_name: str
    private: bool
    addressed: bool
    """Meant for the bot: in private always, in a group only by name, by command or as an answer to it."""
    sent_at: int
    """Seconds since 1970; of the first writing, for an edited one."""
    edited_at: int | None = None
    """When the person changed a message that they had sent before."""
    text: str = ""
    files: tuple[IncomingFile, ...] = ()
    album: str | None = None
    answers: int | None = None
    """The message of this chat that it replies to."""
    number: SharedNumber | None = None
    unreadable: str | None = None
    """What it was, when it is neither words nor a file."""
    spoken: bool = False
    """Its one file is a voice note."""
    arrived_at: float | None = None
    """When it came, as `metrics` measures; None when it had to wait for others of its kind."""

    @property
    def place(self) -> Place:
        """Where the answer goes."""
        return Place(self.chat_id, self.topic_id)

    @property
    def ref(self) -> MessageRef:
        """The message itself."""
        return MessageRef(self.chat_id, self.message_id)

    @property
    def external_id(self) -> str:
        """Telegram's own name of the message, over all bots."""
        return f"{self.bot_id}:{self.chat_id}:{self.message_id}"

    def turn_id(self, which: str = "") -> TurnId:
        """The turn that it becomes."""
        return places.turn_id(self.bot_id, self.ref, which)


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """Somebody pressed a button under one of the bot's messages."""

    id: str
    user_id: int
    user_name: str
    place: Place | None
    """None: Telegram does not say any more where the message was."""
    message_id: int | None
    html: str | None
    """The message as it was when it was pressed; None for one that Telegram does not show any more."""
    captioned: bool
    """The words stand under a picture or a document."""
    data: str
    beside: tuple[str, ...] = ()
    """What all the buttons under the message carry."""

    @property
    def chat_id(self) -> int:
        """Where; the person's own chat when the message is out of reach."""
        return self.place.chat_id if self.place else self.user_id


def read_update(
    update: "Update", bot: BotAccount, arrived_at: float | None = None
) -> Incoming | Press | None:
    """Read an update; None for one that says nothing to us."""
    if update.callback_query is not None:
        return _press(update.callback_query)
    message = update.message or update.edited_message
    return read(message, bot, arrived_at) if message is not None else None


def read(message: "Message", bot: BotAccount, arrived_at: float | None = None) -> Incoming | None:
    """Read a message; None when nobody said anything (somebody joined, a message was pinned)."""
    text = (message.text or message.caption or "").strip()
    files = tuple(_files(message))
    unreadable = next((name for kind, name in _UNREADABLE.items() if getattr(message, kind, None)), None)
    if message.from_user is None or not (text or files or unreadable or message.contact):
        return None
    private = message.chat.type == "private"
    answered = message.reply_to_message
    return Incoming(
        bot_id=bot.id,
        chat_id=message.chat.id,
        topic_id=message.message_thread_id if message.is_topic_message else None,
        message_id=message.message_id,
        user_id=message.from_user.id,
        user_name=message.from_user.full_name,
        private=private,
        addressed=private or _addressed(message, text, bot),
        sent_at=int(message.date.timestamp()),
        edited_at=message.edit_date,
        text=text if private else _without_name(text, bot),
        files=files,
        album=message.media_group_id,
        answers=answered.message_id if answered else None,
        number=_number(message),
        unreadable=None if files else unreadable,
        spoken=message.voice is not None,
        arrived_at=None if message.media_group_id else arrived_at,
    )


def _number(message: "Message") -> SharedNumber | None:
    contact = message.contact
    return SharedNumber(number=contact.phone_number, user_id=contact.user_id) if contact else None


def _press(query: "CallbackQuery") -> Press | None:
    message = query.message
    if query.data is None:
        return None
    # One that Telegram does not show any more has no date: https://core.telegram.org/bots/api#inaccessiblemessage
    whole = message if message is not None and message.date else None
    topic = whole.message_thread_id if whole is not None and whole.is_topic_message else None
    return Press(
        id=query.id,
        user_id=query.from_user.id,
        user_name=query.from_user.full_name,
        place=Place(message.chat.id, topic) if message is not None else None,
        message_id=message.message_id if message is not None else None,
        html=whole.html_text if whole is not None else None,
        captioned=whole is not None and whole.text is None,
        data=query.data,
        beside=_carried(whole.reply_markup) if whole is not None else (),
    )


def _carried(keyboard: "InlineKeyboardMarkup | None") -> tuple[str, ...]:
    rows = keyboard.inline_keyboard if keyboard is not None else []
    return tuple(button.callback_data for row in rows for button in row if button.callback_data)


def join_albums(waiting: Sequence[Incoming | Press]) -> list[Incoming | Press]:
    """Make one message of the several that Telegram sends for an album; the caption is on one of them."""
    joined: list[Incoming | Press] = []
    for (_, album), group in groupby(waiting, key=_album_of):
        together = list(group)
        if album is None:
            joined += together
            continue
        parts = [part for part in together if isinstance(part, Incoming)]
        text = "\n".join(part.text for part in parts if part.text)
        files = tuple(file for part in parts for file in part.files)
        addressed = any(part.addressed for part in parts)
        joined.append(replace(parts[0], text=text, files=files, addressed=addressed))
    return joined


def _album_of(incoming: Incoming | Press) -> tuple[int, str | None]:
    # An edited part says something by itself.
    if isinstance(incoming, Incoming) and incoming.edited_at is None:
        return incoming.chat_id, incoming.album
    return incoming.chat_id, None


def _files(message: "Message") -> list[IncomingFile]:
    number = message.message_id
    if message.photo:
        largest = max(message.photo, key=lambda size: size.width * size.height)
        return [
            IncomingFile(
                file_id=largest.file_id,
                name=f"photo-{number}.jpg",
                media_type="image/jpeg",
                size_bytes=largest.file_size,
            )
        ]
    # An animation comes with a document that is the same file, so the first one found is enough.
    file = message.document or message.video or message.audio or message.voice
    if file is None:
        return []
    media_type = file.mime_type or "application/octet-stream"
    ending = mimetypes.guess_extension(media_type) or ""
    name = (getattr(file, "file_name", None) or "").replace("\x00", "").strip() or f"file-{number}{ending}"
    return [
        IncomingFile(file_id=file.file_id, name=name[-200:], media_type=media_type, size_bytes=file.file_size)
    ]


def _addressed(message: "Message", text: str, bot: BotAccount) -> bool:
    command = commands.parse(text)
    if command is not None:
        return command.bot is None or command.bot.casefold() == bot.username.casefold()
    answered = message.reply_to_message
    if answered is not None and answered.from_user is not None and answered.from_user.id == bot.id:
        return True
    return _name(bot).search(text) is not None


def _without_name(text: str, bot: BotAccount) -> str:
    return _name(bot).sub("", text, count=1).strip(" ,:")


def _name(bot: BotAccount) -> re.Pattern[str]:
    return re.compile(rf"@{re.escape(bot.username)}\b", re.IGNORECASE)
