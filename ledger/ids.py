"""Ids and times as they come from outside: PostgreSQL is asked only about well-formed ones."""

import re
import secrets
import time
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime

from ledger.errors import NotFound, ValidationFailed

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def new_id() -> str:
    """A UUID of version 7: ids made one after the other lie side by side in their indexes."""
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    fraction = rest * 4_096 // 1_000_000
    value = milliseconds << 80 | 7 << 76 | fraction << 64 | 2 << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=value))


def is_uuid(text: str) -> bool:
    """Whether this is a UUID in its usual form."""
    return _UUID.fullmatch(text) is not None


def known(text: str, missing: type[NotFound], noun: str) -> str:
    """An id of a path. What is no UUID names nothing that could exist.

    Raises:
        NotFound: `missing`, if it is no UUID.
    """
    if not is_uuid(text):
        raise missing(f"no {noun} has the id {text[:80]!r}: ids are UUIDs")
    return text.lower()


def checked(ids: Iterable[str | None], field: str) -> None:
    """The same for ids in a body or a query.

    Raises:
        ValidationFailed: one of them is no UUID.
    """
    for text in ids:
        if text is not None and not is_uuid(text):
            raise ValidationFailed(
                f"{field}: {text[:80]!r} is no UUID", errors=[{"path": field, "message": "not a UUID"}]
            )


def zoned(time: object, field: str) -> None:
    """A time has to say its zone; the server's own would be a guess.

    Raises:
        ValidationFailed: it does not, or lies before the first or after the last day that can be told.
    """
    if not isinstance(time, datetime):
        return
    if time.tzinfo is None:
        raise ValidationFailed(
            f"{field}: say the time's zone, as 2026-01-31T10:00:00Z",
            errors=[{"path": field, "message": "without a time zone"}],
        )
    try:
        time.astimezone(UTC)
    except OverflowError as error:
        raise ValidationFailed(
            f"{field}: give a time between the years 1 and 9999, UTC",
            errors=[{"path": field, "message": "out of range"}],
        ) from error
