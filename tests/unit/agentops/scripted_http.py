"""An HTTP/1.1 server on a real socket that answers by a script, faults included."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import h11
import msgspec


@dataclass(frozen=True)
class Asked:
    """One request, as it arrived."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """A whole answer; `body` may be bytes or anything that msgspec writes."""

    status: int = 200
    body: Any = b""
    headers: dict[str, str] = field(default_factory=dict)

    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else msgspec.json.encode(self.body)


@dataclass(frozen=True)
class CutInAnswer:
    """The connection breaks after this much of a longer answer."""

    sent: bytes


class Cut:
    """The connection breaks after the request was read, without an answer."""


class CutAtHeaders:
    """The connection breaks before the request's body was read."""


class Silence:
    """The request is read and never answered."""


Step = Answer | CutInAnswer | Cut | CutAtHeaders | Silence


def problem(status: int, code: str, **more: Any) -> Answer:
    """An RFC 9457 answer."""
    headers = more.pop("headers", {})
    body = {"status": status, "code": code, "detail": f"said by the test: {code}", **more}
    return Answer(status, body, {"Content-Type": "application/problem+json", **headers})


class ScriptedLedger:
    """Answers one step per request; the last step answers all that follow."""

    def __init__(self, *script: Step) -> None:
        self.script = list(script)
        self.asked: list[Asked] = []
        self.respond: Callable[[Asked], Step] | None = None
        self.url = ""
        self._handlers: set[asyncio.Task[None]] = set()

    @property
    def keys(self) -> list[str | None]:
        """The idempotency key of each request."""
        return [asked.headers.get("idempotency-key") for asked in self.asked]

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._handlers.add(task)
        try:
            with suppress(ConnectionError, asyncio.CancelledError):
                await self._serve(reader, writer)
        finally:
            self._handlers.discard(task)
            writer.close()

    async def close(self) -> None:
        for task in list(self._handlers):
            task.cancel()
        await asyncio.gather(*self._handlers, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = h11.Connection(h11.SERVER)
        while (request := await _next(connection, reader)) is not None:
            assert isinstance(request, h11.Request)
            headers = {name.decode(): value.decode() for name, value in request.headers}
            step = self._step()
            body = b"" if isinstance(step, CutAtHeaders) else await _body(connection, reader)
            asked = Asked(request.method.decode(), request.target.decode(), headers, body)
            self.asked.append(asked)
            if self.respond is not None:
                step = self.respond(asked)
            if not await _answer(connection, writer, step):
                return
            connection.start_next_cycle()

    def _step(self) -> Step:
        if not self.script:
            return Answer()
        return self.script.pop(0) if len(self.script) > 1 else self.script[0]


async def _next(connection: h11.Connection, reader: asyncio.StreamReader) -> h11.Event | None:
    while (event := connection.next_event()) is h11.NEED_DATA:
        data = await reader.read(65_536)
        if not data and connection.their_state is h11.IDLE:
            return None
        connection.receive_data(data)
    if isinstance(event, h11.ConnectionClosed | h11.PAUSED.__class__):
        return None
    return event  # type: ignore[return-value]


async def _body(connection: h11.Connection, reader: asyncio.StreamReader) -> bytes:
    pieces = []
    while not isinstance(event := await _next(connection, reader), h11.EndOfMessage):
        assert isinstance(event, h11.Data)
        pieces.append(bytes(event.data))
    return b"".join(pieces)


async def _answer(connection: h11.Connection, writer: asyncio.StreamWriter, step: Step) -> bool:
    """Act out one step; False when the connection is over."""
    if isinstance(step, Silence):
        await asyncio.Event().wait()
    if isinstance(step, Cut | CutAtHeaders):
        writer.transport.abort()
        return False
    if isinstance(step, CutInAnswer):
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(step.sent) + 100}\r\n\r\n".encode()
        writer.write(head + step.sent)
        await writer.drain()
        return False
    assert isinstance(step, Answer)
    content = step.content()
    headers = {"Content-Type": "application/json", "Content-Length": str(len(content)), **step.headers}
    for event in (
        h11.Response(status_code=step.status, headers=list(headers.items())),
        h11.Data(data=content),
        h11.EndOfMessage(),
    ):
        writer.write(connection.send(event) or b"")
    await writer.drain()
    return True


@asynccontextmanager
async def scripted(*script: Step) -> AsyncIterator[ScriptedLedger]:
    """Serve a script on a free port of this machine."""
    ledger = ScriptedLedger(*script)
    server = await asyncio.start_server(ledger.handle, "127.0.0.1", 0)
    ledger.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield ledger
    finally:
        server.close()
        await ledger.close()
        await server.wait_closed()


def body_of(asked: Asked) -> Any:
    """A request's JSON."""
    return json.loads(asked.body)
