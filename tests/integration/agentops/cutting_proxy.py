"""A TCP proxy in front of the ledger that breaks connections when told to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit


class CuttingProxy:
    """Forwards bytes both ways; `lose_answers` and `cut` are the faults."""

    def __init__(self, target: str) -> None:
        split = urlsplit(target)
        assert split.hostname is not None
        assert split.port is not None
        self._host, self._port = split.hostname, split.port
        self._open: set[asyncio.StreamWriter] = set()
        self._handlers: set[asyncio.Task[None]] = set()
        self.lose_answers = 0
        """So many connections break when the ledger's answer comes back, after it did what was asked."""
        self.connections = 0
        self._is_away = False
        self.url = ""

    def cut(self) -> None:
        """Break every connection now."""
        for writer in list(self._open):
            writer.transport.abort()

    @asynccontextmanager
    async def away(self) -> AsyncIterator[None]:
        """Break every connection, and let none come about until the block ends."""
        self._is_away = True
        self.cut()
        try:
            yield
        finally:
            self._is_away = False

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_away:
            writer.transport.abort()
            return
        task = asyncio.current_task()
        assert task is not None
        self._handlers.add(task)
        self.connections += 1
        with suppress(OSError, asyncio.CancelledError):
            to_reader, to_writer = await asyncio.open_connection(self._host, self._port)
            self._open |= {writer, to_writer}
            await asyncio.gather(self._pump(reader, to_writer), self._answers(to_reader, writer))
        self._open -= {writer}
        self._handlers.discard(task)

    async def close(self) -> None:
        self.cut()
        for task in list(self._handlers):
            task.cancel()
        await asyncio.gather(*self._handlers, return_exceptions=True)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(65_536):
                sink.write(data)
                await sink.drain()
        sink.close()

    async def _answers(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(65_536):
                if self.lose_answers:
                    self.lose_answers -= 1
                    sink.transport.abort()
                    return
                sink.write(data)
                await sink.drain()
        sink.close()


@asynccontextmanager
async def cutting_proxy(target: str) -> AsyncIterator[CuttingProxy]:
    """Serve on a free port of this machine."""
    proxy = CuttingProxy(target)
    server = await asyncio.start_server(proxy.handle, "127.0.0.1", 0)
    proxy.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield proxy
    finally:
        server.close()
        await proxy.close()
        await server.wait_closed()
