"""What was said, for the record."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta

from agentops.wire.artifacts import Artifact
from agentops.wire.base import ArtifactId, Request, Response, Slug, TaskId, Text


class NewTurn(Request, frozen=True):
    """One thing that was said, for the record. Recording the same `id` again changes nothing."""

    id: Slug
    role: Slug
    """`person`, `chief` or `notice`."""
    channel: Slug
    text: Text
    attachments: Annotated[list[ArtifactId], Meta(max_length=100)] = []
    reply_to: Slug | None = None
    task_id: TaskId | None = None
    said_at: datetime | None = None


class TurnRecord(Response, frozen=True):
    id: str
    session_id: str
    seq: int
    """Order within the ledger; `after=seq` pages on."""
    role: str
    channel: str
    text: str
    attachments: list[Artifact]
    reply_to: str | None
    task_id: TaskId | None
    said_at: datetime
    place: int | None = None
    """How many turns its session has with it; told when it is recorded for the first time. Who recorded the
    turn before it, and knows its place, sees whether anything was said between."""


class SnippetPart(Response, frozen=True):
    """A piece of a text; the parts joined are an excerpt around what was found."""

    text: str
    hit: bool = False
    """It is one of the words that were looked for."""


class FoundTurn(Response, frozen=True):
    """A turn in which the words occur."""

    turn: TurnRecord
    snippet: list[SnippetPart]


class Session(Response, frozen=True):
    id: str
    last_turn_at: datetime
    turns: int
