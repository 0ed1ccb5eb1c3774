"""Events over WebSocket: replay behind a cursor, then live, resumed for ever after a lost connection."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from urllib.parse import urlencode

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from agentops import errors
from agentops.answers import retry_after_s
from agentops.requests import is_loopback
from agentops.retry import Backoff
from agentops.transport import Transport
from agentops.version import VERSION
from agentops.wire import Event, Events, Problem

log = logging.getLogger(__name__)

CLOSE_TIMEOUT_S = 1.0
REMEMBERED_CURSORS = 2_000


@dataclass(frozen=True, slots=True)
class Filter:
    """Which events are wanted; nothing set means all."""

    types: tuple[str, ...] = ()
    project: str | None = None
    task_id: str | None = None


class Lagged(msgspec.Struct, frozen=True):
    """What the ledger sends before it closes the connection of a reader that is too slow."""

    lagged: bool


class _LostError(Exception):
    """This connection ended; the next may work."""

    def __init__(self, why: str, *, wait_s: float = 0.0) -> None:
        super().__init__(why)
        self.wait_s = wait_s


class _NoDebug(logging.LoggerAdapter[logging.Logger]):
    """At debug, websockets writes every header of the handshake, and so the key."""

    def isEnabledFor(self, level: int) -> bool:  # noqa: N802
        return level > logging.DEBUG and super().isEnabledFor(level)


_quiet = _NoDebug(log)
_frames: msgspec.json.Decoder[list[Event] | Lagged] = msgspec.json.Decoder(list[Event] | Lagged)


async def subscribe(
    transport: Transport, wanted: Filter, *, after: str | None, backoff: Backoff
) -> AsyncGenerator[Event, None]:
    """Yield every wanted event behind `after`, once, over as many connections as it takes.

    Raises:
        AgentOpsError: The ledger refuses for good: a wrong key, a wrong cursor or type.
    """
    seen = _Seen(after)
    failures = 0
    while True:
        opened_at = time.monotonic()
        try:
            if seen.last is None:
                seen.last = await _now(transport)
            async with aclosing(_events(transport, wanted, seen.last)) as events:
                async for event in events:
                    failures = 0
                    if seen.add(event.cursor):
                        yield event
        except _LostError as error:
            lost = error
        if time.monotonic() - opened_at > backoff.cap_s:
            failures = 0
        wait_s = lost.wait_s + backoff.delay_s(failures)
        level = logging.WARNING if failures == 0 else logging.INFO
        log.log(level, "subscription.lost reason=%s cursor=%s retry_in_s=%.2f", lost, seen.last, wait_s)
        failures += 1
        await asyncio.sleep(wait_s)


async def _now(transport: Transport) -> str:
    """The cursor of now, so that a connection lost before its first event leaves no gap either."""
    try:
        return (await transport.get("/events", Events)).cursor
    except errors.AgentOpsError as error:
        if not error.retryable:
            raise
        raise _LostError(str(error), wait_s=error.retry_after_s or 0.0) from error


async def _events(transport: Transport, wanted: Filter, after: str) -> AsyncGenerator[Event, None]:
    """Those of one connection, which always ends by an error."""
    if transport.link is None:
        connection = _one_connection(transport, wanted, after)
    else:
        connection = transport.link.events(_query(wanted, after), transport.authorization())
    async with aclosing(connection) as events:
        async for event in events:
            yield event
    raise _LostError("closed by the ledger")


async def _one_connection(transport: Transport, wanted: Filter, after: str) -> AsyncGenerator[Event, None]:
    connection = await _connected(transport, wanted, after)
    try:
        async for message in connection:
            frame = _frame(message)
            if isinstance(frame, Lagged):
                raise _LostError("too slow for the ledger")
            for event in frame:
                yield event
    except ConnectionClosed as error:
        _raise_if_final(error)
        raise _LostError(f"closed: {error}") from error
    finally:
        await connection.close()


async def _connected(transport: Transport, wanted: Filter, after: str) -> ClientConnection:
    try:
        return await connect(
            _address(transport.url, wanted, after),
            additional_headers=transport.authorization(),
            user_agent_header=f"agentops-sdk/{VERSION}",
            open_timeout=transport.timeout_s,
            close_timeout=CLOSE_TIMEOUT_S,
            # Bounded by the ledger; a limit here would meet the same frame again after every reconnect.
            max_size=None,
            compression=None,
            proxy=None if is_loopback(transport.url) else True,
            logger=_quiet,
        )
    except InvalidStatus as error:
        answer = error.response
        wait_s = retry_after_s(answer.headers.get("Retry-After")) or 0.0
        refused = errors.from_answer(answer.status_code, bytes(answer.body or b""))
        if 400 <= answer.status_code < 500 and not refused.retryable:
            raise refused from None
        raise _LostError(f"HTTP {answer.status_code}", wait_s=wait_s) from error
    except (OSError, TimeoutError, InvalidHandshake) as error:
        raise _LostError(f"no connection: {type(error).__name__}: {error}") from error


def _address(url: str, wanted: Filter, after: str) -> str:
    return f"{url.replace('http', 'ws', 1)}/api/v1/events/stream?{urlencode(_query(wanted, after))}"


def _query(wanted: Filter, after: str) -> dict[str, str]:
    query = {
        "types": ",".join(wanted.types) or None,
        "project": wanted.project,
        "task_id": wanted.task_id,
        "after": after,
    }
    return {name: value for name, value in query.items() if value is not None}


def _frame(message: str | bytes) -> list[Event] | Lagged:
    try:
        return _frames.decode(message)
    except msgspec.DecodeError as error:
        raise _LostError(f"a frame cannot be read: {error}") from error


def _raise_if_final(error: ConnectionClosed) -> None:
    """Close codes 4400 to 4499 carry an HTTP status for what was wrong with the request."""
    if error.rcvd is None or not 4400 <= error.rcvd.code < 4500:
        return
    refused = errors.from_status(error.rcvd.code - 4000, Problem(detail=error.rcvd.reason))
    if not refused.retryable:
        raise refused from None


class _Seen:
    """The last cursors, so that a ledger which replays one too many causes no duplicate."""

    def __init__(self, after: str | None) -> None:
        self.last = after
        self._order: deque[str] = deque()
        self._known: set[str] = set()

    def add(self, cursor: str) -> bool:
        """Remember a cursor; False when it was known."""
        if cursor in self._known:
            return False
        self.last = cursor
        self._known.add(cursor)
        self._order.append(cursor)
        if len(self._order) > REMEMBERED_CURSORS:
            self._known.discard(self._order.popleft())
        return True
