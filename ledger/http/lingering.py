"""A refusal of what is too large is heard: it goes out at once, and the rest of the upload has an end."""

import asyncio
from contextlib import suppress

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

TOO_LARGE = 413
LINGER_BYTES = 10_000_000
LINGER_S = 2.0


class Lingering:
    """ASGI middleware: after a 413 it takes a little more of the upload, then closes the connection.

    To close at once would reset the connection, and with it the answer that is on its way; to keep the
    connection would mean to read the upload to its end, however long that is.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        refused = False

        async def watched(message: Message) -> None:
            nonlocal refused
            if message["type"] == "http.response.start" and message["status"] == TOO_LARGE:
                refused = True
                message["headers"] = [*message["headers"], (b"connection", b"close")]
            last = message["type"] == "http.response.body" and not message["more_body"]
            if not (refused and last):
                await send(message)
                return
            await send({**message, "more_body": True})  # type: ignore[arg-type]
            await _linger(receive)
            await send({"type": "http.response.body", "body": b"", "more_body": False})

        await self.app(scope, receive, watched)


async def _linger(receive: Receive) -> None:
    taken = 0
    with suppress(TimeoutError):
        async with asyncio.timeout(LINGER_S):
            while taken < LINGER_BYTES:
                message = await receive()
                if message["type"] != "http.request" or not message["more_body"]:
                    return
                taken += len(message["body"])
