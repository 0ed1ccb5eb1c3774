"""Keys: minting, checking, revoking."""

import hashlib
import secrets
import time
from dataclasses import dataclass

import msgspec

from agentops.wire import Key, MintedKey, NewKey, RotateKey, Scope
from ledger import tables
from ledger.access import approvals
from ledger.caller import Caller
from ledger.engine import LedgerEngine, Row
from ledger.errors import NotFound, Unauthenticated
from ledger.events.telling import tell

REMEMBERED_S = 5.0
MAX_REMEMBERED = 2_000
_COLUMNS = "id, name, scope, expires_at, revoked_at, last_used_at, created_at, rotated_at"
_ABOUT = "jsonb_build_object('name', api_key.name, 'scope', api_key.scope, 'expires_at', api_key.expires_at)"


def _told(kind: str, actor: str, trace: str, source: str = "api_key") -> str:
    return tell(f"'{kind}'", "key", "api_key.id", actor, trace, source, _ABOUT)


_MINT = f"""
WITH api_key AS (
    INSERT INTO api_key (name, scope, hash, expires_at)
    VALUES ($1, $2, $3, now() + make_interval(secs => $4)) RETURNING *
), told AS ({_told("key.created", "$5", "$6")})
SELECT {_COLUMNS} FROM api_key
"""  # noqa: S608

_ROTATE = f"""
WITH api_key AS (
    UPDATE api_key k SET hash = $2, old_hash = k.hash, old_expires_at = now() + make_interval(secs => $3),
        spent_hashes = k.spent_hashes || k.hash, rotated_at = now()
    WHERE k.id = $1 AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())
    RETURNING k.*
), told AS ({_told("key.rotated", "$4", "$5")})
SELECT {_COLUMNS} FROM api_key
"""  # noqa: S608

_REVOKE = f"""
WITH before AS (SELECT id, revoked_at FROM api_key WHERE id = $1 FOR UPDATE),
api_key AS (
    UPDATE api_key k SET revoked_at = COALESCE(k.revoked_at, now()) FROM before WHERE k.id = before.id
    RETURNING k.*, before.revoked_at AS was
), told AS ({_told("key.revoked", "$2", "$3", "(SELECT * FROM api_key WHERE was IS NULL) api_key")})
SELECT id FROM api_key
"""  # noqa: S608

_LOOK_UP = f"""
SELECT {_COLUMNS}, last_used_at IS NULL OR last_used_at < now() - interval '1 minute' AS note FROM api_key
WHERE (hash = $1 OR (old_hash = $1 AND old_expires_at > now()))
    AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
"""  # noqa: S608


def hash_of(secret: str) -> bytes:
    """What is stored. Secrets carry 256 random bits, so a slow hash would add nothing."""
    return hashlib.sha256(secret.encode()).digest()


def new_secret() -> str:
    """A fresh key."""
    return "cos_" + secrets.token_urlsafe(32)


def key_of(row: Row) -> Key:
    """A row of the table api_key."""
    return msgspec.convert({name: row[name] for name in Key.__struct_fields__}, Key)


def minted(row: Row, secret: str) -> MintedKey:
    """The one answer that shows the secret."""
    fields = {name: row[name] for name in Key.__struct_fields__}
    return msgspec.convert({**fields, "secret": secret}, MintedKey)


@dataclass(frozen=True, slots=True)
class _Remembered:
    key: Key
    until: float


class Keyring:
    """Checks keys; a good one is remembered for five seconds, so that most requests need no query."""

    def __init__(self, db: LedgerEngine) -> None:
        self._db = db
        self._known: dict[bytes, _Remembered] = {}

    async def verify(self, authorization: str | None) -> Key:
        """The key of an `Authorization: Bearer …` header.

        Raises:
            Unauthenticated: there is none, or it is unknown, expired or revoked.
        """
        kind, _, secret = (authorization or "").partition(" ")
        if kind.lower() != "bearer" or not secret.strip():
            raise Unauthenticated("send a key: Authorization: Bearer <key>")
        hashed = hash_of(secret.strip())
        found = self._known.get(hashed)
        if found is not None and found.until > time.monotonic():
            return found.key
        return await self._look_up(hashed)

    async def _look_up(self, hashed: bytes) -> Key:
        row = await self._db.row(_LOOK_UP, hashed)
        if row is None:
            raise Unauthenticated("this key is unknown, expired or revoked")
        if row["note"]:
            await self._db.rows("UPDATE api_key SET last_used_at = now() WHERE id = $1", row["id"])
        if len(self._known) >= MAX_REMEMBERED:
            self._known.clear()
        key = key_of(row)
        self._known[hashed] = _Remembered(key, time.monotonic() + REMEMBERED_S)
        return key

    def forget(self) -> None:
        """A key was revoked: ask the database about each of them anew."""
        self._known.clear()


async def mint(caller: Caller, new: NewKey) -> MintedKey:
    """Makes a key; only this answer holds its secret.

    Raises:
        Forbidden: a worker makes a key only for another worker that the person has approved.
        StaleClaim: it does not hold the task in which that was approved.
    """
    await approvals.allow(caller, new)
    secret = new_secret()
    seconds = None if new.expires_in_s is None else float(min(new.expires_in_s, 10**9))
    row = await caller.db.row(
        _MINT, new.name, str(new.scope), hash_of(secret), seconds, caller.name, caller.traceparent
    )
    if row is None:
        raise LookupError("an insert without a row")
    caller.announce("key.created", row["id"])
    return minted(row, secret)


async def rotate(caller: Caller, key_id: str, wish: RotateKey) -> MintedKey:
    """Gives a key a new secret; for a time the old one is good too.

    Raises:
        NotFound: there is no such key, or it has ended.
    """
    caller.need()
    secret = new_secret()
    row = await caller.db.row(
        _ROTATE, key_id, hash_of(secret), float(wish.grace_s), caller.name, caller.traceparent
    )
    if row is None:
        raise NotFound(f"no key that is still good has the id {key_id}")
    caller.announce("key.rotated", key_id)
    return minted(row, secret)


async def list_keys(caller: Caller) -> list[Key]:
    """Every key, newest first, without secrets."""
    caller.need()
    key = tables.ApiKey
    return [
        key_of(row) for row in await caller.db.select(key.select().order_by(key.created_at, ascending=False))
    ]


async def revoke(caller: Caller, key_id: str) -> None:
    """Ends a key; revoking it again changes nothing. A worker may end its own.

    Raises:
        NotFound: there is no such key.
    """
    if key_id != caller.key_id:
        caller.need()
    if not await caller.db.rows(_REVOKE, key_id, caller.name, caller.traceparent):
        raise NotFound(f"no key has the id {key_id}")
    caller.announce("key.revoked", key_id)


async def ensure(db: LedgerEngine, name: str, scope: Scope, secret: str) -> None:
    """Accepts a key that was made elsewhere, as the launcher makes the first ones, unless it was rotated."""
    await db.rows(
        "INSERT INTO api_key (name, scope, hash) SELECT $1::text, $2::text, $3::bytea WHERE NOT EXISTS "
        "(SELECT FROM api_key WHERE $3 = ANY (spent_hashes)) ON CONFLICT (hash) DO NOTHING",
        name,
        str(scope),
        hash_of(secret),
    )
