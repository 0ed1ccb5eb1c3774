"""An answer's head and body leave in one packet.

uvicorn writes them one after the other, and uvloop sends each at once: two system calls here, and two packets
that wake the client twice.
"""

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_BYTES = 65_536
"""Held back at most; of a long body, each further piece leaves as it comes."""


class OnePacket(HttpToolsProtocol):
    """uvicorn's protocol, for `uvicorn.Config(http=…)`."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Put what gathers between uvicorn and the connection."""
        super().connection_made(cast("asyncio.Transport", Gathering(transport)))

    def handle_websocket_upgrade(self) -> None:
        """A socket's frames are gathered where they are made."""
        gathering = cast("Gathering", self.transport)
        gathering.flush()
        self.transport = gathering.transport
        super().handle_websocket_upgrade()


class Gathering:
    """A transport that sends what is written in one step of the loop together, in its order."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self.transport = transport
        self._held: list[bytes] = []
        self._bytes = 0
        self._call_soon = asyncio.get_running_loop().call_soon

    def write(self, data: bytes) -> None:
        """Send it at the end of this step, or before."""
        if not self._held:
            self._call_soon(self.flush)
        self._held.append(data)
        self._bytes += len(data)
        if self._bytes > MOST_BYTES:
            self.flush()

    def flush(self) -> None:
        """Send what is held; whoever has gone hears nothing."""
        held, self._held, self._bytes = self._held, [], 0
        if held and not self.transport.is_closing():
            self.transport.write(b"".join(held))

    def close(self) -> None:
        """Close the connection behind what is held."""
        self.flush()
        self.transport.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.transport, name)
