"""The HTTP server of the gateway: one socket for the browser, the phone's and Telegram's doors."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext

import uvicorn
from litestar import Router

from gateway.settings import GatewaySettings
from gateway.web.app import create_app
from gateway.web.services import Services

SHUTDOWN_S = 1
MAX_MESSAGE_BYTES = 65_536
"""Of a WebSocket: a second of sound is half of it."""


@asynccontextmanager
async def serving(
    settings: GatewaySettings, services: Services, mounted: Sequence[Router]
) -> AsyncIterator[str]:
    """Answers HTTP and WebSockets until the block ends; yields the base URL.

    Raises:
        OSError: The port is taken.
    """
    with _listener(settings.bind_host, settings.port) as listener:
        server = _Server(_server_config(services, mounted))

        async def run() -> None:
            await server.serve(sockets=[listener])

        async with asyncio.TaskGroup() as group:
            task = group.create_task(run(), name="web")
            try:
                await server.up.wait()
                yield f"http://{settings.bind_host}:{listener.getsockname()[1]}"
            finally:
                services.closing.set()
                server.should_exit = True
                await asyncio.wait([task], timeout=SHUTDOWN_S + 1)
                task.cancel()


def _listener(host: str, port: int) -> socket.socket:
    """Names the protocol: asyncio sets TCP_NODELAY on nothing else, and each answer would wait 40 ms."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(256)
    except OSError:
        listener.close()
        raise
    return listener


class _Server(uvicorn.Server):
    """Says when it listens, and leaves signals to `gateway.main`, which has more to stop than this."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        return nullcontext()


def _server_config(services: Services, mounted: Sequence[Router]) -> uvicorn.Config:
    return uvicorn.Config(
        create_app(services, mounted),
        http="httptools",
        loop="none",
        ws="websockets-sansio",
        ws_max_size=MAX_MESSAGE_BYTES,
        ws_per_message_deflate=False,  # sound does not get smaller, and each socket would cost 50 kB more
        access_log=False,
        log_config=None,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=SHUTDOWN_S,
    )
