"""What the server remembers of a call, and how it refuses one."""

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


class Refusal(Exception):
    """An answer with `ok: false`."""

    def __init__(self, code: int, description: str, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.retry_after = retry_after

    def body(self) -> Json:
        """As it goes over the wire."""
        body: Json = {"ok": False, "error_code": self.code, "description": self.description}
        if self.retry_after is not None:
            body["parameters"] = {"retry_after": self.retry_after}
        return body


@dataclass(frozen=True, kw_only=True)
class Entity:
    """A formatted stretch of a text; offset and length count UTF-16 code units."""

    type: str
    offset: int
    length: int
    url: str | None = None

    def json(self) -> Json:
        """As a MessageEntity."""
        link = {} if self.url is None else {"url": self.url}
        return {"type": self.type, "offset": self.offset, "length": self.length, **link}


@dataclass(frozen=True, kw_only=True)
class SentFile:
    """A file as the bot uploaded it."""

    part: str
    """The name of its field in the request."""
    name: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request, read and found to fit the schema."""

    method: str
    params: Json
    uploads: dict[str, SentFile] = field(default_factory=dict)
    at: float = 0.0
    """When it came, by the event loop's clock."""


@dataclass(frozen=True, kw_only=True)
class Sent:
    """One call that the server carried out."""

    method: str
    params: Json
    chat_id: int | None = None
    message_id: int | None = None
    text: str = ""
    """Text or caption as the person sees it, markup read."""
    entities: tuple[Entity, ...] = ()
    files: tuple[SentFile, ...] = ()
    at: float
    """When the call came, by the event loop's clock, in seconds."""

    def styled(self, kind: str) -> list[str]:
        """The stretches of the text that carry an entity of this type."""
        coded = self.text.encode("utf-16-le")
        return [
            coded[2 * entity.offset : 2 * (entity.offset + entity.length)].decode("utf-16-le")
            for entity in self.entities
            if entity.type == kind
        ]
