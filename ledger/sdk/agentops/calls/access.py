"""Access: keys, one-time logins, and the ledger's own state."""

from agentops.calls.base import Calls
from agentops.requests import path_of
from agentops.wire import Health, Key, Login, MintedKey, NewKey, NewLogin, Page, RedeemLogin, RotateKey, Stats


class AccessCalls(Calls):
    """`/keys`, `/logins`, `/stats`, `/health`."""

    async def create_key(self, key: NewKey, *, idempotency_key: str | None = None) -> MintedKey:
        """Make a key; its secret is shown here and never again."""
        return await self._transport.post("/keys", MintedKey, key, key=idempotency_key)

    async def list_keys(self) -> list[Key]:
        """All keys, without secrets."""
        return await self._all("/keys", Page[Key])

    async def revoke_key(self, key_id: str, *, idempotency_key: str | None = None) -> None:
        """End a key at once; services that check keys by `KeyVerifier` follow within its cache time."""
        await self._transport.delete(path_of("keys", key_id), key=idempotency_key)

    async def rotate_key(
        self, key_id: str, rotate: RotateKey | None = None, *, idempotency_key: str | None = None
    ) -> MintedKey:
        """Give a key a new secret, shown here and never again; the old one is good for a while longer.

        The id stays, and with it what the key holds. Rotating again ends the old secret at once.

        Raises:
            NotFound: There is no such key, or it was revoked or has expired.
        """
        path = path_of("keys", key_id, "rotate")
        return await self._transport.post(path, MintedKey, rotate or RotateKey(), key=idempotency_key)

    async def whoami(self) -> Key:
        """The key that this client uses.

        Raises:
            Unauthenticated: It is unknown, expired or revoked.
        """
        return await self._transport.get("/keys/self", Key)

    async def create_login(
        self, login: NewLogin | None = None, *, idempotency_key: str | None = None
    ) -> Login:
        """Make a one-time login."""
        return await self._transport.post("/logins", Login, login or NewLogin(), key=idempotency_key)

    async def redeem_login(self, token: str, *, idempotency_key: str | None = None) -> MintedKey:
        """Turn a one-time login into a key. Needs no key itself.

        Raises:
            LoginInvalid: It was used already, has expired or never was.
        """
        body = RedeemLogin(token=token)
        return await self._transport.post("/logins/redeem", MintedKey, body, key=idempotency_key)

    async def stats(self, *, days: int = 0, time_zone: str = "UTC") -> Stats:
        """Numbers for an overview.

        Args:
            days: How many days back to tell what came and went and how long it took; 0 leaves that out.
            time_zone: Whose days.
        """
        if days == 0:
            return await self._transport.get("/stats", Stats)
        return await self._transport.get("/stats", Stats, params={"days": days, "time_zone": time_zone})

    async def health(self) -> Health:
        """Whether the ledger can work now; asks once, without retries.

        Raises:
            Unavailable: It did not answer at all.
        """
        return await self._transport.probe("/health/ready", Health)
