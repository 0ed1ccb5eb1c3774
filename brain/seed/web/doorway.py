"""The one way out of a sandbox to which hosts were granted: an HTTP proxy on a unix socket.

Inside there is no other network and no resolver; the proxy looks names up, connects to granted hosts alone,
and to public addresses alone. It does not look into what is encrypted: a host that is granted may be told
anything.
"""

import asyncio
import re
import tempfile
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import structlog

from brain.seed.errors import FetchRefused
from brain.seed.web.addresses import Address, Resolve, is_public, pinned, resolved

log = structlog.get_logger(__name__)

_TUNNEL_PORTS, _PLAIN_PORTS = frozenset({443}), frozenset({80})
_HEAD_BYTES, _CHUNK_BYTES = 16_384, 65_536
_HEAD_S, _CONNECT_S, _SILENCE_S = 10.0, 10.0, 60.0
_MOST_AT_ONCE = 32
_REQUEST = re.compile(r"^([A-Z]{1,20}) (\S{1,8000}) HTTP/1\.[01]$")
_OWN_HEADERS = frozenset({"host", "connection", "keep-alive", "te", "upgrade"})


@dataclass(frozen=True)
class _Wish:
    """What a program inside asks for.

    Attributes:
        host: By name, small letters.
        port: There.
        first: What is sent on before anything else; empty for a tunnel.
    """

    host: str
    port: int
    first: bytes = b""


@dataclass
class Doorway:
    """Lets programs out to some hosts.

    Attributes:
        hosts: Exactly these.
        most_bytes: In and out together, over all connections.
        resolve: From a name to addresses.
        may: Which of them may be spoken to.
        tunnel_ports: Which CONNECT may name.
        plain_ports: Which http:// may name.
        refused: Who was asked for and is not granted, for whoever wonders why it failed.
    """

    hosts: Collection[str]
    most_bytes: int = 50_000_000
    resolve: Resolve = resolved
    may: Callable[[Address], bool] = is_public
    tunnel_ports: Collection[int] = _TUNNEL_PORTS
    plain_ports: Collection[int] = _PLAIN_PORTS
    refused: set[str] = field(default_factory=set)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Path]:
        """The socket, for as long as the context lasts; whatever still talks is cut off then."""
        talking: set[asyncio.Task[None]] = set()

        def met(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if len(talking) >= _MOST_AT_ONCE:
                writer.close()
                return
            task = asyncio.create_task(self._meet(reader, writer))
            talking.add(task)
            task.add_done_callback(talking.discard)

        with tempfile.TemporaryDirectory(prefix="cos-door-") as folder:
            socket = Path(folder, "door")
            server = await asyncio.start_unix_server(met, socket, limit=_HEAD_BYTES)
            # The sandbox's user is another; the folder is for its owner alone.
            await asyncio.to_thread(socket.chmod, 0o666)
            try:
                yield socket
            finally:
                server.close()
                for task in talking:
                    task.cancel()
                if talking:
                    await asyncio.wait(talking)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_HEAD_S):
                wish = self._understood(await reader.readuntil(b"\r\n\r\n"))
            async with asyncio.timeout(_CONNECT_S):
                far_reader, far_writer = await self._connected(wish)
        except FetchRefused as refusal:
            log.info("network.refused", reason=str(refusal))
            await _answer(writer, "403 Forbidden", str(refusal))
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            await _answer(writer, "400 Bad Request", "This is no request.")
        except (OSError, TimeoutError) as error:
            await _answer(writer, "502 Bad Gateway", f"The host did not answer ({type(error).__name__}).")
        else:
            far_writer.write(wish.first)
            if not wish.first:
                writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
            await self._spliced((reader, writer), (far_reader, far_writer))
        finally:
            writer.close()

    def _understood(self, head: bytes) -> _Wish:
        """Raises FetchRefused: it is no request, or asks for what is not granted."""
        line, *headers = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
        found = _REQUEST.match(line)
        if found is None:
            raise FetchRefused("Only HTTP requests for a whole URL and CONNECT are understood.")
        method, target = found.groups()
        tunnel = method == "CONNECT"
        try:
            split = urlsplit(f"//{target}" if tunnel else target)
            host, port = (split.hostname or "").rstrip("."), split.port
        except ValueError as error:
            raise FetchRefused("It asks for no URL that can be understood.") from error
        if not tunnel and split.scheme != "http":
            raise FetchRefused("Only HTTP requests for a whole URL and CONNECT are understood.")
        if port is None:
            port = 443 if tunnel else 80
        if host not in self.hosts:
            self.refused.add(host)
            raise FetchRefused(f"{host[:200]} is not among the granted hosts.")
        if port not in (self.tunnel_ports if tunnel else self.plain_ports):
            raise FetchRefused(f"Port {port} of {host} is not granted.")
        if tunnel:
            return _Wish(host, port)
        path = split._replace(scheme="", netloc="", fragment="").geturl() or "/"
        return _Wish(host, port, _first(method, path, split.netloc.rpartition("@")[2], headers))

    async def _connected(self, wish: _Wish) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Raises FetchRefused: the host is not on the public internet."""
        address = pinned(wish.host, await self.resolve(wish.host, wish.port), self.may)
        return await asyncio.open_connection(address, wish.port)

    async def _spliced(
        self,
        near: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        far: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        """Both ways, until one side has no more, is silent too long, or has sent too much."""
        out = asyncio.create_task(self._pumped(near[0], far[1]))
        back = asyncio.create_task(self._pumped(far[0], near[1]))
        try:
            await asyncio.wait({out, back}, return_when=asyncio.ALL_COMPLETED)
        finally:
            out.cancel()
            back.cancel()
            far[1].close()
            await asyncio.gather(out, back, return_exceptions=True)

    async def _pumped(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(OSError, TimeoutError):
            while self.most_bytes > 0:
                async with asyncio.timeout(_SILENCE_S):
                    piece = await source.read(_CHUNK_BYTES)
                if not piece:
                    target.write_eof()
                    return
                self.most_bytes -= len(piece)
                target.write(piece)
                await target.drain()
        target.close()


def _first(method: str, path: str, authority: str, headers: list[str]) -> bytes:
    """The request as the host itself is asked; one a connection, for the next may be for another host."""
    kept = [header for header in headers if _is_for_the_host(header)]
    lines = [f"{method} {path} HTTP/1.1", f"Host: {authority}", *kept, "Connection: close"]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def _is_for_the_host(header: str) -> bool:
    name, colon, _ = header.partition(":")
    name = name.lower()
    return bool(colon) and name not in _OWN_HEADERS and not name.startswith(("proxy-", " ", "\t"))


async def _answer(writer: asyncio.StreamWriter, status: str, why: str) -> None:
    body = f"{why}\n".encode()
    head = ("Content-Type: text/plain", f"Content-Length: {len(body)}", "Connection: close")
    with suppress(OSError):
        writer.write("\r\n".join((f"HTTP/1.1 {status}", *head, "", "")).encode() + body)
        await writer.drain()
