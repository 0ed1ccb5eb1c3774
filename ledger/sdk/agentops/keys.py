"""Checking other people's keys: how a service that has no database of its own lets callers in."""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Collection
from types import TracebackType
from typing import Self

from agentops import errors
from agentops.requests import checked_key
from agentops.retry import RetryPolicy
from agentops.transport import Transport
from agentops.wire import Key, Scope

MAX_CACHED_KEYS = 1_000


def bearer(authorization: str) -> str:
    """The secret in an `Authorization: Bearer …` header; empty when it holds none."""
    scheme, _, secret = authorization.partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""


class KeyVerifier:
    """Asks the ledger whose key this is, and remembers the answer for a while.

    A revoked key therefore works here for `ttl_s` longer at most. Refusals are not remembered, and
    neither are secrets: the cache knows them by their hash.

    Args:
        url: Where the ledger is.
        ttl_s: How long an answer holds.
        timeout_s: For each wait for the ledger.
        retry: How often and how long the ledger is asked.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        url: str,
        *,
        ttl_s: float = 30.0,
        timeout_s: float = 10.0,
        retry: RetryPolicy | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._transport = Transport(url, None, timeout_s=timeout_s, retry=retry)
        self._ttl_s = ttl_s
        self._clock = clock
        self._cached: OrderedDict[bytes, tuple[float, Key]] = OrderedDict()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the pooled connections."""
        await self._transport.aclose()

    async def verify(self, secret: str, *, scopes: Collection[Scope] = ()) -> Key:
        """The key that this secret stands for.

        Args:
            secret: What the caller sent behind `Bearer`.
            scopes: Which scopes may pass; empty means any.

        Raises:
            Unauthenticated: No such key, or expired, or revoked.
            Forbidden: Its scope is not among `scopes`.
            Unavailable: The ledger cannot be asked.
        """
        try:
            secret = checked_key(secret)
        except ValueError:
            raise errors.Unauthenticated(
                "Send `Authorization: Bearer <key>` with a key of the ledger"
            ) from None
        key = self._remembered(secret) or await self._asked(secret)
        if scopes and key.scope not in scopes:
            allowed = " or ".join(sorted(scopes))
            raise errors.Forbidden(f"This needs a key of scope {allowed}; yours is {key.scope}")
        return key

    def _remembered(self, secret: str) -> Key | None:
        known = self._cached.get(_digest(secret))
        return known[1] if known and self._clock() < known[0] else None

    async def _asked(self, secret: str) -> Key:
        key = await self._transport.get("/keys/self", Key, api_key=secret)
        digest = _digest(secret)
        self._cached[digest] = (self._clock() + self._ttl_s, key)
        self._cached.move_to_end(digest)
        if len(self._cached) > MAX_CACHED_KEYS:
            self._cached.popitem(last=False)
        return key


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
