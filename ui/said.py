"""The gateway's conversation API as the panel reads it: what may arrive on its event stream."""

from datetime import datetime

import msgspec

from agentops.wire import Artifact


class FileRef(msgspec.Struct, frozen=True, kw_only=True):
    """A file of the ledger that came with a message."""

    artifact_id: str
    name: str
    media_type: str
    size_bytes: int


class TurnHeard(msgspec.Struct, frozen=True, kw_only=True):
    """Something the person said, on whichever channel."""

    turn_id: str
    text: str
    channel: str
    at: datetime
    attachments: tuple[FileRef, ...] = ()


class Chunk(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of an answer that is being written."""

    turn_id: str
    seq: int
    text: str


class Interrupted(msgspec.Struct, frozen=True, kw_only=True):
    """The pieces of this answer so far are void."""

    turn_id: str


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """The whole answer to one turn."""

    turn_id: str
    text: str
    at: datetime


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """News that nobody asked for just now."""

    id: str
    text: str
    at: datetime
    task_id: str | None = None
    attachments: tuple[FileRef, ...] = ()


Said = TurnHeard | Chunk | Interrupted | Reply | Notice

BY_NAME: dict[str, type[Said]] = {
    "turn": TurnHeard,
    "chunk": Chunk,
    "interrupted": Interrupted,
    "reply": Reply,
    "notice": Notice,
}


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """The gateway has taken a message and will not lose it."""

    turn_id: str
    duplicate: bool = False


def reply_id(turn_id: str) -> str:
    """How the ledger names the answer to a turn."""
    return f"reply-{turn_id}"


def file_of(artifact: Artifact) -> FileRef:
    """An artifact as a message shows it."""
    return FileRef(
        artifact_id=artifact.id,
        name=artifact.name,
        media_type=artifact.media_type,
        size_bytes=artifact.size_bytes,
    )
