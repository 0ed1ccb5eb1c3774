"""Cursors of lists: where the last page ended, opaque to clients, so that an order may become another."""

import base64
from typing import Any, TypeVar

import msgspec

from ledger.errors import ValidationFailed

Place = TypeVar("Place")


def cursor_of(place: Any) -> str:
    """The cursor behind a place: a tuple of what the list is ordered by."""
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def place_of(cursor: str, kind: type[Place]) -> Place:
    """The reverse of `cursor_of`.

    Raises:
        ValidationFailed: the cursor was not made here, or for another order.
    """
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        return msgspec.json.decode(text, type=kind)
    except (ValueError, msgspec.DecodeError) as error:
        raise ValidationFailed(
            "cursor: take it from `next` of the page before, with the same sort and order"
        ) from error
