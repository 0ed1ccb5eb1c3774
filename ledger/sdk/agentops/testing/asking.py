"""One request to the ledger in memory, checked as the real one checks it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import msgspec

from agentops import errors
from agentops.testing.state import Caller, State
from agentops.wire import Scope

T = TypeVar("T")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@dataclass(frozen=True, slots=True)
class Asking:
    """What a handler gets."""

    state: State
    ids: tuple[str, ...]
    """The path's variable parts."""
    query: dict[str, str]
    body: bytes
    media_type: str
    caller: Caller | None
    """None for public paths only."""

    @property
    def by(self) -> Caller:
        """Who asks."""
        if self.caller is None:
            raise errors.Unauthenticated("send a key: Authorization: Bearer <key>")
        return self.caller

    def need(self, *scopes: Scope) -> Caller:
        """Let administrators and the holders of `scopes` pass.

        Raises:
            Forbidden: The key is of another scope.
        """
        caller = self.by
        if caller.key.scope not in (Scope.ADMIN, *scopes):
            wanted = " or ".join([*scopes, Scope.ADMIN])
            raise errors.Forbidden(
                f"this needs a key of scope {wanted}; yours is of scope {caller.key.scope}"
            )
        return caller

    def read(self, kind: type[T]) -> T:
        """The body.

        Raises:
            ValidationFailed: It is something else.
        """
        try:
            return msgspec.json.decode(self.body, type=kind)
        except msgspec.DecodeError as error:
            raise errors.ValidationFailed(str(error)) from error

    def number(self, name: str, default: int) -> int:
        """A number of the query."""
        return int(self.query.get(name, default))


def checked(ids: Iterable[str | None], field: str) -> None:
    """Ids in a body or a query are UUIDs.

    Raises:
        ValidationFailed: One is not.
    """
    for text in ids:
        if text is not None and not _UUID.fullmatch(text):
            raise errors.ValidationFailed(f"{field}: {text[:80]!r} is no UUID")


def zoned(time: object, field: str) -> None:
    """A time says its zone.

    Raises:
        ValidationFailed: It does not.
    """
    if isinstance(time, datetime) and time.tzinfo is None:
        raise errors.ValidationFailed(f"{field}: say the time's zone, as 2026-01-31T10:00:00Z")


def existing(ids: Iterable[str | None], known: Iterable[str], field: str) -> None:
    """What a body names is there.

    Raises:
        ValidationFailed: Something is not.
    """
    if missing := {text.lower() for text in ids if text is not None} - set(known):
        raise errors.ValidationFailed(f"{field}: nothing has the id {sorted(missing)[0]}")
