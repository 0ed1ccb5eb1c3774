"""A WebSocket server on a real socket that sends events by a script, one entry for each connection."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

import msgspec
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from tests.unit.agentops import records

Part = Callable[[ServerConnection], Awaitable[None]]


def frame(*numbers: int) -> Part:
    """One frame with these events."""

    async def act(connection: ServerConnection) -> None:
        await connection.send(msgspec.json.encode([records.event(number) for number in numbers]).decode())

    return act


def raw(text: str) -> Part:
    """One frame with this text."""

    async def act(connection: ServerConnection) -> None:
        await connection.send(text)

    return act


async def cut(connection: ServerConnection) -> None:
    """Break the connection without a closing handshake."""
    connection.transport.abort()


def close(code: int, reason: str = "") -> Part:
    """Close with a code."""

    async def act(connection: ServerConnection) -> None:
        await connection.close(code, reason)

    return act


async def stay(connection: ServerConnection) -> None:
    """Say no more."""
    await connection.wait_closed()


@dataclass(frozen=True)
class Refuse:
    """Refuse the handshake."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class ScriptedStream:
    """Connections so far, and what is left of the script."""

    script: list[list[Part] | Refuse]
    queries: list[dict[str, str]] = field(default_factory=list)
    authorizations: list[str | None] = field(default_factory=list)
    closed_with: list[int | None] = field(default_factory=list)
    url: str = ""
    server: Server | None = None

    @property
    def resumed_after(self) -> list[str | None]:
        """The cursor of each connection's request."""
        return [query.get("after") for query in self.queries]

    def admit(self, connection: ServerConnection, request: Request) -> Response | None:
        split = urlsplit(request.path)
        if split.path == "/api/v1/events":
            return connection.respond(HTTPStatus.OK, '{"events":[],"cursor":"now"}')
        assert split.path == "/api/v1/events/stream"
        self.queries.append({name: values[0] for name, values in parse_qs(split.query).items()})
        self.authorizations.append(request.headers.get("Authorization"))
        step = self.script[0]
        if not isinstance(step, Refuse):
            return None
        self._advance()
        response = connection.respond(HTTPStatus(step.status), "")
        response.body = step.body
        del response.headers["Content-Length"]
        response.headers["Content-Length"] = str(len(step.body))
        response.headers.update(step.headers)
        return response

    async def act(self, connection: ServerConnection) -> None:
        parts = self.script[0]
        assert not isinstance(parts, Refuse)
        self._advance()
        try:
            for part in parts:
                await part(connection)
        except ConnectionClosed:
            pass
        finally:
            await connection.wait_closed()
            self.closed_with.append(connection.close_code)

    def _advance(self) -> None:
        if len(self.script) > 1:
            self.script.pop(0)


@asynccontextmanager
async def streaming(*script: list[Part] | Refuse, port: int = 0) -> AsyncIterator[ScriptedStream]:
    """Serve a script on this machine (on a free port); its last entry serves all that follow."""
    stream = ScriptedStream(list(script))
    async with serve(stream.act, "127.0.0.1", port, process_request=stream.admit) as server:
        stream.server = server
        stream.url = f"http://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"
        yield stream
        server.close(close_connections=True)
        await asyncio.wait_for(server.wait_closed(), 5)
