"""A request's body in pieces, and what becomes of the rest when the request is refused half-way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from gateway.errors import BadRequest
from gateway.web.services import HttpRequest

_PATIENCE_S = 10.0
_MOST_BYTES = 200_000_000


class Body:
    """Read at most once."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self._ended = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """The pieces.

        Raises:
            BadRequest: The sender hung up half-way.
        """
        while not self._ended:
            message = await self._request.receive()
            if message["type"] != "http.request":
                self._ended = True
                raise BadRequest("validation_failed", "the message was cut off on its way")
            self._ended = not message["more_body"]
            if message["body"]:
                yield message["body"]

    async def drain(self) -> None:
        """Read the rest away, for a while.

        Hanging up on somebody who is still sending makes their network stack drop our answer, and they would
        see "connection reset" instead of what was wrong.
        """
        left = _MOST_BYTES
        with suppress(TimeoutError, BadRequest):
            async with asyncio.timeout(_PATIENCE_S):
                async for chunk in self:
                    left -= len(chunk)
                    if left < 0:
                        return
