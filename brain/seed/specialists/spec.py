"""What a specialist is: written by a worker, approved by the person, read by its own process."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

NAME_PATTERN = r"^[a-z0-9][a-z0-9-]{1,39}$"
Name = Annotated[str, Meta(pattern=NAME_PATTERN)]


class Spec(msgspec.Struct, frozen=True, kw_only=True):
    """All that the person approves."""

    name: Name
    """Also the capability by which tasks ask for it."""
    purpose: Annotated[str, Meta(min_length=1, max_length=500)]
    """In a sentence, for the person and for other workers."""
    prompt: Annotated[str, Meta(min_length=1, max_length=20_000)]
    """Its trade: what it is told besides what every worker is told."""
    model: Annotated[str, Meta(max_length=200)] = ""
    """`provider:model`; empty: that of the other workers."""
    skills: Annotated[
        list[Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]], Meta(max_length=20)
    ] = []
    """Further capabilities by which tasks may ask for it."""
    slots: Annotated[int, Meta(ge=1, le=8)] = 1
    memory_mb: Annotated[int, Meta(ge=128, le=16_384)] = 1024
    """Of its container, or of each process that it starts."""
    task_steps: Annotated[int, Meta(ge=1, le=1000)] = 80
    budget_tokens: Annotated[int, Meta(ge=1)] = 2_000_000
    """Over its whole life; then it asks before every task."""

    @property
    def capabilities(self) -> list[str]:
        """What tasks may ask for; tasks that ask for nothing are left to others."""
        return list(dict.fromkeys([self.name, *self.skills]))


class Specialist(msgspec.Struct, frozen=True, kw_only=True):
    """One that was approved, with its own key to the ledger. Stored 0600, as `keys.json` is."""

    spec: Spec
    key_id: str
    secret: str
    hired_at: datetime
    task_number: int
    """In which it was approved."""
    stopped: bool = False
    """By hand: it is not started until it is let work again."""

    def __repr__(self) -> str:
        return f"Specialist({self.spec.name!r}, key_id={self.key_id!r}, secret=***)"
