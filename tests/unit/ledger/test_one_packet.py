"""What is written in one step of the loop is sent together, in its order, and never late."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from ledger.http.one_packet import MOST_BYTES, Gathering


class Ends:
    """Both ends of a connection whose packets keep their borders."""

    def __init__(self, gathering: Gathering, far: socket.socket) -> None:
        self.gathering = gathering
        self._far = far

    async def packet(self) -> bytes:
        """The next one; empty when the other end has closed."""
        async with asyncio.timeout(10):
            return await asyncio.get_running_loop().sock_recv(self._far, 4 * MOST_BYTES)


@pytest.fixture
async def ends() -> AsyncIterator[Ends]:
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8 * MOST_BYTES)
    far.setblocking(False)
    gathering = Gathering(_Transport(near))  # type: ignore[arg-type]  # as much of one as is used
    with near, far:
        yield Ends(gathering, far)


class _Transport:
    def __init__(self, near: socket.socket) -> None:
        self._near = near

    def write(self, data: bytes) -> None:
        self._near.send(data)

    def is_closing(self) -> bool:
        return self._near.fileno() < 0

    def close(self) -> None:
        self._near.close()


async def test_head_and_body_are_one_packet(ends: Ends) -> None:
    ends.gathering.write(b"head")
    ends.gathering.write(b"body")
    assert await ends.packet() == b"headbody"
    ends.gathering.write(b"the next answer")
    assert await ends.packet() == b"the next answer"


async def test_a_long_body_is_not_held_back(ends: Ends) -> None:
    ends.gathering.write(b"head")
    ends.gathering.write(bytes(MOST_BYTES))
    ends.gathering.write(b"rest")
    assert await ends.packet() == b"head" + bytes(MOST_BYTES)
    assert await ends.packet() == b"rest"


async def test_what_is_held_leaves_before_the_connection_closes(ends: Ends) -> None:
    ends.gathering.write(b"farewell")
    ends.gathering.close()
    assert await ends.packet() == b"farewell"
    assert await ends.packet() == b""


async def test_to_whoever_has_gone_nothing_is_sent(ends: Ends) -> None:
    ends.gathering.write(b"too late")
    ends.gathering.transport.close()
    await asyncio.sleep(0)
    assert await ends.packet() == b""
