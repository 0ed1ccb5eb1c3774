"""Granted hosts are reached from within the sandbox, and nothing else is, whatever is tried."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from brain.seed.sandbox import Limits, Ran, Sandbox
from brain.seed.sandbox.errors import BoxBroken
from brain.seed.web.addresses import Address, Resolve
from brain.seed.web.doorway import Doorway
from tests.unit.brain_seed.sandboxes import the_sandbox

GRANTED = "weather.example"
FETCH = """
import sys, urllib.request
try:
    with urllib.request.urlopen(sys.argv[1], timeout=5) as answer:
        print(answer.status, answer.read().decode())
except Exception as error:
    print(type(error).__name__, error, getattr(error, "read", bytes)().decode())
"""
TUNNEL = """
import socket, sys
talk = socket.create_connection(("127.0.0.1", 3128), 5)
talk.sendall(f"CONNECT {sys.argv[1]} HTTP/1.1\\r\\n\\r\\n".encode())
said = talk.recv(4096)
if b" 200 " in said:
    talk.sendall(b"GET /inner HTTP/1.0\\r\\n\\r\\n")
    while piece := talk.recv(4096):
        said += piece
print(said.decode())
"""


@pytest.fixture
def sandbox() -> Sandbox:
    """The kind that has a network of its own."""
    return the_sandbox("bubblewrap")


@pytest.fixture
def shared() -> Sandbox:
    """The kind that has none."""
    return the_sandbox("landlock")


def is_loopback(address: Address) -> bool:
    return address.is_loopback


def pointing_at(*addresses: str) -> Resolve:
    """A resolver whose answers change from one question to the next; the last one stays."""
    left = list(addresses)

    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return [left.pop(0) if len(left) > 1 else left[0]]

    return resolve


def to_this_machine(port: int) -> Doorway:
    """The granted host is a server of the test."""
    return Doorway(
        {GRANTED},
        resolve=pointing_at("127.0.0.1"),
        may=is_loopback,
        tunnel_ports={port},
        plain_ports={port},
    )


@asynccontextmanager
async def served(answer: bytes = b"HTTP/1.1 200 OK\r\n\r\nsunny") -> AsyncIterator[tuple[int, list[bytes]]]:
    """A server that says the same to all; its port, and what it was asked."""
    asked: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], asked


async def said(sandbox: Sandbox, door: Path | None, code: str, *arguments: str, folder: Path) -> str:
    ran: Ran = await sandbox.run(
        (sandbox.python, "-I", "-S", "-c", code, *arguments), folder, limits=Limits(wall_s=30), door=door
    )
    assert ran.succeeded, ran.stderr
    return ran.stdout.decode()


async def test_a_granted_host_is_reached_by_name(sandbox: Sandbox, tmp_path: Path) -> None:
    async with served() as (port, asked), to_this_machine(port).open() as door:
        url = f"http://{GRANTED}:{port}/today?city=Bern#now"
        assert await said(sandbox, door, FETCH, url, folder=tmp_path) == "200 sunny\n"
        tunnelled = await said(sandbox, door, TUNNEL, f"{GRANTED}:{port}", folder=tmp_path)

    assert tunnelled.endswith("sunny\n")
    assert asked[0].startswith(b"GET /today?city=Bern HTTP/1.1\r\nHost: weather.example:")
    assert asked[1] == b"GET /inner HTTP/1.0\r\n\r\n"


async def test_any_other_host_is_refused_and_the_host_itself_cannot_be_reached_past_the_door(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    code = (
        "import socket, sys\nfor host in ('127.0.0.1', 'localhost', '::1', '10.0.2.2', '93.184.216.34'):\n"
        "    try: socket.create_connection((host, int(sys.argv[1])), 2).close(); print('in')\n"
        "    except OSError as error: print(type(error).__name__)\n"
    )
    async with served() as (port, asked), to_this_machine(port).open() as door:
        for host in ("other.example", "127.0.0.1", "localhost", f"x@{GRANTED}.evil.example", "[::1]"):
            assert "not among the granted hosts" in await said(
                sandbox, door, FETCH, f"http://{host}:{port}/", folder=tmp_path
            )
        assert "in\n" not in await said(sandbox, door, code, str(port), folder=tmp_path)

    assert asked == []


async def test_a_granted_name_that_points_inside_is_refused_even_if_it_pointed_elsewhere_before(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    async with served() as (port, asked):
        rebound = Doorway(
            {GRANTED},
            resolve=pointing_at("127.0.0.1", "169.254.169.254", "10.0.0.1", "::ffff:127.0.0.1", "127.0.0.1"),
            tunnel_ports={port},
            plain_ports={port},
        )
        async with rebound.open() as door:
            for _ in range(2):
                url = f"http://{GRANTED}:{port}/"
                assert "not on the public internet" in await said(sandbox, door, FETCH, url, folder=tmp_path)
            for _ in range(2):
                tunnelled = await said(sandbox, door, TUNNEL, f"{GRANTED}:{port}", folder=tmp_path)
                assert "not on the public internet" in tunnelled

    assert asked == []


async def test_a_redirect_to_this_machine_leads_nowhere(sandbox: Sandbox, tmp_path: Path) -> None:
    async with served(b"secret") as (inside, asked):
        away = f"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{inside}/\r\n\r\n".encode()
        async with served(away) as (port, _), to_this_machine(port).open() as door:
            told = await said(sandbox, door, FETCH, f"http://{GRANTED}:{port}/", folder=tmp_path)

    assert "127.0.0.1 is not among the granted hosts" in told
    assert asked == []


@pytest.mark.parametrize("target", [f"{GRANTED}:22", f"{GRANTED}:80", f"{GRANTED}:8080", f"{GRANTED}:0"])
async def test_a_tunnel_to_another_port_is_refused(sandbox: Sandbox, tmp_path: Path, target: str) -> None:
    async with Doorway({GRANTED}, resolve=pointing_at("127.0.0.1"), may=is_loopback).open() as door:
        assert " 403 " in await said(sandbox, door, TUNNEL, target, folder=tmp_path)


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: weather.example\r\n\r\n", 403),
        (b"GET ftp://weather.example/ HTTP/1.1\r\n\r\n", 403),
        (b"GET https://weather.example/ HTTP/1.1\r\n\r\n", 403),
        (b"GET http://weather.example:99999/ HTTP/1.1\r\n\r\n", 403),
        (b"GET http://weather.example:22/ HTTP/1.1\r\n\r\n", 403),
        (b"CONNECT weather.example\x00.evil:443 HTTP/1.1\r\n\r\n", 403),
        (b"CONNECT [::1]:443 HTTP/1.1\r\n\r\n", 403),
        (b"SSH-2.0-OpenSSH\r\n\r\n", 403),
        (b"x" * 20_000 + b"\r\n\r\n", 400),
    ],
)
async def test_what_is_no_request_for_a_granted_host_is_answered_and_goes_nowhere(
    head: bytes, status: int
) -> None:
    async def resolve(_host: str, _port: int) -> Sequence[str]:
        raise AssertionError("looked up")

    async with Doorway({GRANTED}, resolve=resolve).open() as door:
        reader, writer = await asyncio.open_unix_connection(door)
        writer.write(head)
        answer = await reader.read()
        writer.close()

    assert answer.startswith(f"HTTP/1.1 {status} ".encode())


async def test_a_request_cannot_bring_another_host_or_a_second_request_along(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    code = (
        "import socket, sys\ntalk = socket.create_connection(('127.0.0.1', 3128), 5)\n"
        f"talk.sendall(b'GET http://{GRANTED}:' + sys.argv[1].encode() + b'/ HTTP/1.1\\r\\n'\n"
        "    b'Host: inside.example\\r\\nProxy-Authorization: secret\\r\\n'\n"
        "    b'Connection: keep-alive\\r\\n\\r\\n')\n"
        "print(talk.recv(100).decode())\n"
    )
    async with served() as (port, asked), to_this_machine(port).open() as door:
        await said(sandbox, door, code, str(port), folder=tmp_path)

    assert b"inside.example" not in asked[0]
    assert b"secret" not in asked[0]
    assert b"keep-alive" not in asked[0]
    assert b"\r\nConnection: close\r\n" in asked[0]


async def test_more_than_may_pass_is_cut_off(sandbox: Sandbox, tmp_path: Path) -> None:
    async with served(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 2_000_000) as (port, _):
        doorway = to_this_machine(port)
        doorway.most_bytes = 100_000
        async with doorway.open() as door:
            told = await said(sandbox, door, FETCH, f"http://{GRANTED}:{port}/", folder=tmp_path)

    assert len(told) < 300_000


async def test_without_a_grant_there_is_no_door_and_no_word_of_one(sandbox: Sandbox, tmp_path: Path) -> None:
    code = "import os; print([os.path.exists('/run/door'), *[n for n in os.environ if 'roxy' in n.lower()]])"
    assert await said(sandbox, None, code, folder=tmp_path) == "[False]\n"


async def test_the_command_keeps_its_status_its_input_and_its_end(sandbox: Sandbox, tmp_path: Path) -> None:
    async with Doorway({GRANTED}).open() as door:
        ran = await sandbox.run(("sh", "-c", "cat; exit 7"), tmp_path, stdin=b"given", door=door)
        missing = await sandbox.run(("no-such-program",), tmp_path, door=door)

    assert (ran.exit, ran.stdout) == (7, b"given")
    assert (missing.exit, missing.stderr) == (127, b"no-such-program: No such file or directory\n")


async def test_where_commands_share_the_machines_network_nothing_can_be_granted(
    shared: Sandbox, tmp_path: Path
) -> None:
    with pytest.raises(BoxBroken, match="bubblewrap's sandbox only"):
        await shared.run(("true",), tmp_path, door=tmp_path / "door")
