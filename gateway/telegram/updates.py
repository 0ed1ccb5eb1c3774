"""From Telegram's messages to what the rest of this package understands."""

import mimetypes
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from gateway.telegram import commands

if TYPE_CHECKING:
    from aiogram.types import Message

DOWNLOAD_LIMIT_MB = 20
"""What the Bot API lets a bot fetch: https://core.telegram.org/bots/api#getfile"""

_UNREADABLE = {
    "voice": "voice notes",
    "video_note": "video messages",
    "sticker": "stickers",
    "location": "places",
    "venue": "places",
    "contact": "contacts",
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
class Incoming:
    """One message, or one album, from a person."""

    chat_id: int
    message_id: int
    user_id: int
    private: bool
    addressed: bool
    """Meant for the bot: in private always, in a group only by name, by command or as an answer to it."""
    text: str = ""
    files: tuple[IncomingFile, ...] = ()
    album: str | None = None
    unreadable: str | None = None
    """What it was, when it is neither words nor a file."""

    @property
    def external_id(self) -> str:
        """Telegram's own name of the message."""
        return f"{self.chat_id}:{self.message_id}"


def read(message: "Message", bot: BotAccount) -> Incoming | None:
    """Read a message; None when nobody said anything (somebody joined, a message was pinned)."""
    text = (message.text or message.caption or "").strip()
    files = tuple(_files(message))
    unreadable = next((name for kind, name in _UNREADABLE.items() if getattr(message, kind, None)), None)
    if message.from_user is None or not (text or files or unreadable):
        return None
    private = message.chat.type == "private"
    return Incoming(
        chat_id=message.chat.id,
        message_id=message.message_id,
        user_id=message.from_user.id,
        private=private,
        addressed=private or _addressed(message, text, bot),
        text=text if private else _without_name(text, bot),
        files=files,
        album=message.media_group_id,
        unreadable=None if files else unreadable,
    )


def join_albums(messages: Sequence[Incoming]) -> list[Incoming]:
    """Make one message of the several that Telegram sends for an album; the caption is on one of them."""
    joined: list[Incoming] = []
    for (_, album), group in groupby(messages, key=lambda message: (message.chat_id, message.album)):
        together = list(group)
        if album is None:
            joined += together
            continue
        text = "\n".join(message.text for message in together if message.text)
        files = tuple(file for message in together for file in message.files)
        addressed = any(message.addressed for message in together)
        joined.append(replace(together[0], text=text, files=files, addressed=addressed))
    return joined


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
    file = message.document or message.video or message.audio
    if file is None:
        return []
    media_type = file.mime_type or "application/octet-stream"
    ending = mimetypes.guess_extension(media_type) or ""
    name = (file.file_name or "").replace("\x00", "").strip() or f"file-{number}{ending}"
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
