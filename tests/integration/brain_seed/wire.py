"""The connection between a worker and the ledger, to be cut and mended."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit


class Wire:
    """Carries bytes both ways while it is whole; breaks and refuses every connection while it is cut."""

    def __init__(self, target: str) -> None:
        split = urlsplit(target)
        assert split.hostname is not None
        assert split.port is not None
        self._target = (split.hostname, split.port)
        self._whole = True
        self._carrying: set[asyncio.Task[None]] = set()
        self.refused = 0
        """Connections that were tried while it was cut."""
        self.url = ""

    def cut(self) -> None:
        """Breaks all connections, and lets none be made."""
        self._whole = False
        for task in self._carrying:
            task.cancel()

    def mend(self) -> None:
        """Lets connections be made again."""
        self._whole = True

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection from its beginning to its end."""
        if not self._whole:
            self.refused += 1
            writer.transport.abort()
            return
        task = asyncio.current_task()
        assert task is not None
        self._carrying.add(task)
        far_reader, far_writer = await asyncio.open_connection(*self._target)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(_pump(reader, far_writer))
                group.create_task(_pump(far_reader, writer))
        except asyncio.CancelledError:
            pass  # the wire was cut; the server takes a cancelled handler for a fault
        finally:
            self._carrying.discard(task)
            writer.transport.abort()
            far_writer.transport.abort()

    async def close(self) -> None:
        """Ends all connections."""
        carrying = list(self._carrying)
        self.cut()
        if carrying:
            await asyncio.wait(carrying)


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await source.read(65_536):
            sink.write(data)
            await sink.drain()
    sink.close()


@asynccontextmanager
async def wire_to(target: str) -> AsyncIterator[Wire]:
    """A wire on a free port of this machine."""
    wire = Wire(target)
    server = await asyncio.start_server(wire.carry, "127.0.0.1", 0)
    wire.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield wire
    finally:
        server.close()
        await wire.close()
        await server.wait_closed()
