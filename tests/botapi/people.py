"""People and groups in Telegram, and what they do to the bot."""

import struct
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from tests.botapi.entities import typed_entities
from tests.botapi.records import Json

if TYPE_CHECKING:
    from tests.botapi.files import FileStore
    from tests.botapi.updates import UpdateQueue


class World(Protocol):
    """What people need of the server."""

    @property
    def updates(self) -> "UpdateQueue": ...

    @property
    def files(self) -> "FileStore": ...

    def next_message_id(self) -> int: ...


@dataclass(frozen=True)
class Group:
    """A group chat with the bot in it; ids of groups are negative."""

    id: int
    title: str

    def json(self) -> Json:
        """As a Chat."""
        return {"id": self.id, "type": "supergroup", "title": self.title}


@dataclass
class Person:
    """Somebody in Telegram. The bot may write to them only after they wrote to it."""

    world: World = field(repr=False)
    id: int
    first_name: str
    started: bool = False
    blocked: bool = False

    def json(self) -> Json:
        """As a User."""
        return {"id": self.id, "is_bot": False, "first_name": self.first_name, "language_code": "en"}

    def chat(self) -> Json:
        """Their private chat with the bot, as a Chat."""
        return {"id": self.id, "type": "private", "first_name": self.first_name}

    async def says(self, text: str, *, to: Group | None = None, answering: Json | None = None) -> Json:
        """Write a message; returns it as the bot will see it."""
        entities = [entity.json() for entity in typed_entities(text)]
        content: Json = {"text": text, **({"entities": entities} if entities else {})}
        if answering is not None:
            content["reply_to_message"] = answering
        return await self._sends(content, to)

    async def sends_document(
        self,
        content: bytes,
        name: str,
        caption: str | None = None,
        *,
        media_type: str = "application/octet-stream",
        album: str | None = None,
    ) -> Json:
        """Attach a file; `album` groups several messages as Telegram does."""
        document = self.world.files.add(content, f"documents/{name}")
        described = {**document, "file_name": name, "mime_type": media_type}
        return await self._sends({"document": described, **_captioned(caption, album)})

    async def sends_photo(
        self, content: bytes, caption: str | None = None, *, album: str | None = None
    ) -> Json:
        """Send a picture, which Telegram offers in two sizes here: a thumbnail and the whole."""
        width, height = image_size(content) or (640, 480)
        small = self.world.files.add(b"thumbnail", "photos/thumbnail.jpg")
        whole = self.world.files.add(content, "photos/whole.jpg")
        sizes = [{**small, "width": 90, "height": 90}, {**whole, "width": width, "height": height}]
        return await self._sends({"photo": sizes, **_captioned(caption, album)})

    async def sends_voice(self, content: bytes, duration_s: int = 3) -> Json:
        """Send a voice note."""
        voice = {**self.world.files.add(content, "voice/note.oga"), "duration": duration_s}
        return await self._sends({"voice": {**voice, "mime_type": "audio/ogg"}})

    async def sends_location(self) -> Json:
        """Send something that is neither words nor a file."""
        return await self._sends({"location": {"latitude": 52.5, "longitude": 13.4}})

    def blocks_the_bot(self) -> None:
        """From now on every message to them is refused with 403."""
        self.blocked = True

    async def _sends(self, content: Json, to: Group | None = None) -> Json:
        if to is None:
            self.started = True
        message = {
            "message_id": self.world.next_message_id(),
            "from": self.json(),
            "chat": to.json() if to else self.chat(),
            "date": int(time.time()),
            **content,
        }
        await self.world.updates.put("message", message)
        return message


def image_size(content: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG; None for anything else."""
    if not content.startswith(b"\x89PNG\r\n\x1a\n") or len(content) < 24:
        return None
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def _captioned(caption: str | None, album: str | None) -> Json:
    content: Json = {}
    if caption is not None:
        content["caption"] = caption
        if entities := typed_entities(caption):
            content["caption_entities"] = [entity.json() for entity in entities]
    if album is not None:
        content["media_group_id"] = album
    return content
