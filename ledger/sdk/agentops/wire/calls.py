"""Calls: when somebody talked, by telephone or in the browser. What was said is in the session's turns."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, NewType

from msgspec import Meta

from agentops.wire.base import Line, Request, Response, Slug
from agentops.wire.people import PersonId

CallId = NewType("CallId", str)

Seconds = Annotated[int, Meta(ge=0, le=10**6)]


class CallDirection(StrEnum):
    """Who rang."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class NewCall(Request, frozen=True):
    """A call that began. Telling the same `id` again with the same idempotency key changes nothing."""

    id: Slug
    session: Slug
    channel: Slug
    """`phone`; `call` from the browser."""
    direction: CallDirection
    person_id: PersonId | None = None
    """None: nobody that is known."""
    number: Line = ""
    """Its last digits, to recognise it by."""


class EndCall(Request, frozen=True):
    """How a call ended."""

    session: Slug
    channel: Slug
    direction: CallDirection
    seconds: Seconds
    ended_by: Line
    """`caller`, `handler`, `silence`, `time_limit`, `fault`; what came of a call that nobody took."""
    person_id: PersonId | None = None
    number: Line = ""


class CallNoted(Response, frozen=True):
    """The event that tells of it is written."""

    id: CallId
    at: datetime
