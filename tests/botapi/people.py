"""People and groups in Telegram, and what they do to the bot."""

import struct
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol
from uuid import uuid4

from tests.botapi.entities import typed_entities
from tests.botapi.records import Json, Sent

if TYPE_CHECKING:
    from tests.botapi.files import FileStore
    from tests.botapi.updates import UpdateQueue


class World(Protocol):
    """What people need of the server."""

    @property
    def updates(self) -> "UpdateQueue": ...

    @property
    def files(self) -> "FileStore": ...

    @property
    def presses(self) -> dict[str, str | None]: ...

    def next_message_id(self) -> int: ...

    def keep(self, message: Json) -> None: ...

    def message(self, chat_id: int, message_id: int) -> Json: ...


@dataclass(frozen=True)
class Group:
    """A group chat with the bot in it; ids of groups are negative."""

    id: int
    title: str
    topics: tuple[int, ...] = ()
    """Of a forum."""

    def json(self) -> Json:
        """As a Chat."""
        forum = {"is_forum": True} if self.topics else {}
        return {"id": self.id, "type": "supergroup", "title": self.title, **forum}


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

    async def says(
        self,
        text: str,
        *,
        to: Group | None = None,
        answering: Json | None = None,
        topic: int | None = None,
    ) -> Json:
        """Write a message; returns it as the bot will see it."""
        entities = [entity.json() for entity in typed_entities(text)]
        content: Json = {"text": text, **({"entities": entities} if entities else {})}
        if answering is not None:
            content["reply_to_message"] = answering
        if topic is not None:
            content |= {"message_thread_id": topic, "is_topic_message": True}
        return await self._sends(content, to)

    async def edits(self, message: Json, text: str) -> Json:
        """Change a message that was sent before."""
        edited = {**message, "text": text, "edit_date": int(time.time())}
        edited.pop("entities", None)
        if entities := typed_entities(text):
            edited["entities"] = [entity.json() for entity in entities]
        self.world.keep(edited)
        await self.world.updates.put("edited_message", edited)
        return edited

    async def presses(self, sent: Sent, label: str) -> str:
        """Press the button that begins so, under a message as it stands now; returns the press's id."""
        assert sent.chat_id is not None
        assert sent.message_id is not None
        message = self.world.message(sent.chat_id, sent.message_id)
        rows = message.get("reply_markup", {}).get("inline_keyboard", [])
        buttons = [button for row in rows for button in row]
        found = [button for button in buttons if button["text"].startswith(label)]
        assert found, f"no button {label!r} among {[button['text'] for button in buttons]}"
        return await self.presses_data(message, found[0]["callback_data"])

    async def presses_data(self, message: Json, data: str) -> str:
        """Press a button that carries this, whether it is there or not, as an altered client can."""
        press = str(uuid4().int)[:19]
        self.world.presses[press] = None
        query = {"id": press, "from": self.json(), "chat_instance": "1", "message": message, "data": data}
        await self.world.updates.put("callback_query", query)
        return press

    async def shares_contact(self, number: str, user_id: int | None) -> Json:
        """Send a contact's card; `user_id` is whose it is by Telegram's word."""
        whose = {} if user_id is None else {"user_id": user_id}
        return await self._sends({"contact": {"phone_number": number, "first_name": "Card", **whose}})

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
        self.world.keep(message)
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
