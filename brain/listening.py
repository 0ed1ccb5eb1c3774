"""The HTTP server of a part of the brain."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

_SHUTDOWN_S = 1


class HttpServer(uvicorn.Server):
    """uvicorn that leaves the signals to its part: it has more to end than this, in its own order.

    Args:
        app: An ASGI application.
        host: The address to listen on.
        port: The port; SystemExit from `serve` when it is taken.
    """

    def __init__(self, app: Any, host: str, port: int) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                host=host,
                port=port,
                http="httptools",
                ws="none",
                loop="none",
                access_log=False,
                log_config=None,
                lifespan="off",
                server_header=False,
                timeout_graceful_shutdown=_SHUTDOWN_S,
            )
        )

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def stop(self) -> None:
        """End `serve`, with what is being answered."""
        self.should_exit = True
