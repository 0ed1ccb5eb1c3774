"""Keys and one-time logins."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta

from agentops.wire.base import Name, Request, Response, Scope, TaskId


class NewKey(Request, frozen=True):
    name: Name
    scope: Scope
    expires_in_s: Annotated[int, Meta(ge=1)] | None = None
    task_id: TaskId | None = None
    epoch: int | None = None
    """With `task_id`, from a worker: the claim of a task in which the person approved another worker."""


class Key(Response, frozen=True):
    id: str
    name: str
    scope: Scope
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    created_at: datetime
    rotated_at: datetime | None = None
    """When it got its present secret, if not at first."""


class MintedKey(Key, frozen=True, kw_only=True):
    """The only time that the secret is shown; its representation hides it, so that no log gets it."""

    secret: str

    def __repr__(self) -> str:
        return f"MintedKey(id={self.id!r}, name={self.name!r}, scope={self.scope.value!r}, secret=***)"


class RotateKey(Request, frozen=True):
    grace_s: Annotated[int, Meta(ge=0, le=604_800)] = 3600
    """For so long the old secret is good too, so that its holder may change over."""


class NewLogin(Request, frozen=True):
    scope: Scope = Scope.ADMIN
    expires_in_s: Annotated[int, Meta(ge=1, le=86_400)] = 900


class Login(Response, frozen=True):
    """A one-time login: the token buys one key, once, before it expires."""

    token: str
    expires_at: datetime

    def __repr__(self) -> str:
        return f"Login(token=***, expires_at={self.expires_at!r})"


class RedeemLogin(Request, frozen=True):
    token: Annotated[str, Meta(min_length=1, max_length=200)]

    def __repr__(self) -> str:
        return "RedeemLogin(token=***)"
