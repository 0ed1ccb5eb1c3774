"""`Idempotency-Key`: the same request again gets the same response, and changes nothing again.

A request that is one command keeps the rows of its answer within its statement (`ledger.once`). Of any
other, the response is stored by the transaction that makes the change, so that there is never one without
the other. A duplicate that comes while the first still runs waits for it, on the key's unique index. What
was refused is not stored: it changed nothing, and may go well the next time.

A response that shows a secret is stored masked with a keystream out of what only the caller knows: its
own credential and the idempotency key. From the table alone it cannot be read.
"""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import msgspec
from litestar import Response

from ledger.caller import Caller
from ledger.engine import LedgerEngine
from ledger.errors import IdempotencyMismatch, ValidationFailed
from ledger.http.services import HttpRequest, Services, header_of
from ledger.once import Once, recall

HEADER = "Idempotency-Key"
_HEADER = HEADER.lower().encode()
REPLAYED = "Idempotency-Replayed"
MAX_KEY = 200

T = TypeVar("T")

_TAKE = """INSERT INTO idempotency_key (owner, key, fingerprint) VALUES ($1, $2, $3)
    ON CONFLICT (owner, key) DO NOTHING RETURNING id"""
_KEEP = "UPDATE idempotency_key SET status = $2, body = $3 WHERE id = $1"


@dataclass(frozen=True, slots=True)
class Kept:
    """One request whose whole response is kept under its idempotency key."""

    owner: str
    key: str
    fingerprint: bytes
    mask: bytes = b""
    """Credential that the stored response is masked with; empty stores it as it is."""

    def masked(self, body: bytes) -> bytes:
        """Masks, and unmasks."""
        if not self.mask:
            return body
        seed = (
            hashlib.sha256(self.mask).digest() + hashlib.sha256(self.key.encode()).digest() + self.fingerprint
        )
        stream = hashlib.shake_256(seed).digest(len(body))
        return (int.from_bytes(body) ^ int.from_bytes(stream)).to_bytes(len(body))


@dataclass(frozen=True, slots=True)
class Answer:
    """An encoded response."""

    status: int
    body: bytes
    replayed: bool = False


async def fingerprint_of(request: HttpRequest, body: bytes | None = None) -> bytes:
    """What makes two requests the same: method, path, query and body."""
    content = await request.body() if body is None else body
    scope = request.scope
    place = f"{scope['method']} {scope['path']}?".encode() + scope["query_string"]
    return hashlib.sha256(place + b"\n" + content).digest()


def key_of(request: HttpRequest) -> str | None:
    """The request's idempotency key.

    Raises:
        ValidationFailed: it is empty, too long, or not printable ASCII.
    """
    key = header_of(request, _HEADER)
    if key is None:
        return None
    if not (0 < len(key) <= MAX_KEY and key.isascii() and key.isprintable()):
        raise ValidationFailed(f"{HEADER}: 1 to {MAX_KEY} printable ASCII characters")
    return key


async def perform(
    db: LedgerEngine,
    once: Kept | None,
    status: int,
    work: Callable[[], Awaitable[object]],
    *,
    turn: str | None = None,
) -> Answer:
    """Does the work, or gives the answer of the time before.

    Raises:
        IdempotencyMismatch: the key was used for another request.
    """
    if once is None and turn is None:
        return Answer(status, msgspec.json.encode(await work()))
    async with db.transaction():
        if turn is not None:
            await db.rows(turn)
        return await _within(db, once, status, work)


async def _within(
    db: LedgerEngine, once: Kept | None, status: int, work: Callable[[], Awaitable[object]]
) -> Answer:
    if once is None:
        return Answer(status, msgspec.json.encode(await work()))
    taken = await db.row(_TAKE, once.owner, once.key, once.fingerprint)
    if taken is not None:
        body = msgspec.json.encode(await work())
        await db.rows(_KEEP, taken["id"], status, once.masked(body))
        return Answer(status, body)
    known = await recall(db, once.owner, once.key, once.fingerprint)
    if known is None or known.rows is not None:
        raise IdempotencyMismatch("this Idempotency-Key came with another request before; take a fresh one")
    return Answer(known.status, once.masked(known.body), replayed=True)


async def answer(
    request: HttpRequest,
    services: Services,
    caller: Caller,
    work: Callable[[], Awaitable[T]],
    *,
    status: int = 200,
    secret: bool = False,
    fingerprint: bytes | None = None,
    turn: str | None = None,
) -> Response[T]:
    """Runs one write of a handler, once per idempotency key, and wakes readers when it is committed.

    Args:
        request: It carries the idempotency key.
        services: Of the process.
        caller: Who asks.
        work: The write; what it returns is the answer.
        status: Of the answer.
        secret: The answer shows a secret, and is stored masked.
        fingerprint: Of the request, where its body is not at hand.
        turn: A statement that waits for the write's turn, before the transaction has written anything:
            a transaction's place in the log is that of its first write.
    """
    key = key_of(request)
    once = None
    if key is not None:
        credential = request.headers.get("authorization", "").encode() if secret else b""
        once = Kept(caller.key_id, key, fingerprint or await fingerprint_of(request), credential)
    done = await perform(services.db, once, status, work, turn=turn)
    services.wake.announce(caller.announced if not done.replayed else ())
    return as_response(done)


async def command(
    request: HttpRequest,
    services: Services,
    caller: Caller,
    work: Callable[[], Awaitable[T]],
    *,
    status: int = 200,
) -> Response[T]:
    """The same for a handler whose write is one command: `caller.rows` runs it once, in one statement."""
    key = key_of(request)
    once = None if key is None else Once(caller.key_id, key, await fingerprint_of(request))
    caller.once = once
    body = msgspec.json.encode(await work())
    done = Answer(status, body, replayed=once is not None and once.replayed)
    services.wake.announce(caller.announced if not done.replayed else ())
    return as_response(done)


def as_response(done: Answer) -> Response[Any]:
    """The HTTP response; its body is encoded already."""
    headers = {REPLAYED: "true"} if done.replayed else {}
    content = cast("Any", done.body)
    return Response(content, status_code=done.status, media_type="application/json", headers=headers)
