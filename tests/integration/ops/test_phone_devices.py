"""`cos call` by microphone: what is said goes out, what comes back is played, and nothing is left running."""

import asyncio
import base64
import json
import os
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
from websockets.asyncio.server import ServerConnection, serve

from ops.errors import PhoneUnusable
from ops.phone_devices import Devices, talk
from ops.phone_line import RATE_HZ, FarEnd, far_end
from tests.waiting import eventually

TONE = (np.sin(np.arange(RATE_HZ) * 2 * np.pi * 440 / RATE_HZ) * 12_000).astype("<i2")
_MICROPHONE = """#!/bin/sh
while :; do cat {sound}; sleep 0.1; done
"""
_LOUDSPEAKER = """#!/bin/sh
exec cat > {heard}
"""


async def echo(socket: ServerConnection) -> None:
    """A far end that says what it hears."""
    async for text in socket:
        message = json.loads(text)
        if message["event"] == "media":
            media = {"payload": message["media"]["payload"]}
            said = {"event": "media", "streamSid": message["streamSid"], "media": media}
            await socket.send(json.dumps(said))


@asynccontextmanager
async def a_call() -> AsyncIterator[FarEnd]:
    """A line that gives back what is said into it."""
    async with serve(echo, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        names = {"signature": "s", "account_sid": "AC1", "call_sid": "CA1", "token": "t"}
        async with far_end(f"ws://127.0.0.1:{port}", **names) as far:
            yield far


def program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def heard(tmp_path: Path) -> Path:
    """What the loudspeaker was given; the programs lie beside."""
    (tmp_path / "sound").write_bytes(TONE[:800].tobytes())
    program(tmp_path / "arecord", _MICROPHONE.format(sound=tmp_path / "sound"))
    program(tmp_path / "aplay", _LOUDSPEAKER.format(heard=tmp_path / "heard"))
    return tmp_path / "heard"


async def test_sound_goes_both_ways_until_somebody_hangs_up(heard: Path) -> None:
    devices = Devices.found(path=str(heard.parent))
    assert devices.record[0] == "arecord"
    environment = {**os.environ, "PATH": f"{heard.parent}:{os.environ['PATH']}"}
    async with a_call() as far:
        over = asyncio.Event()
        talking = asyncio.create_task(talk(far, devices, over, environment=environment))

        def loud() -> bool:
            played = heard.read_bytes() if heard.exists() else b""
            return bool(
                np.abs(np.frombuffer(played[: len(played) & ~1], "<i2").astype(int)).max(initial=0) > 9_000
            )

        await eventually(loud)
        over.set()
        await talking


async def test_a_line_that_ends_ends_the_call(heard: Path) -> None:
    environment = {**os.environ, "PATH": f"{heard.parent}:{os.environ['PATH']}"}
    async with a_call() as far:
        talking = asyncio.create_task(
            talk(far, Devices(("arecord",), ("aplay",)), asyncio.Event(), environment=environment)
        )
        await eventually(heard.exists)
        far.break_off()
        await asyncio.wait_for(talking, 10)


async def test_a_microphone_that_cannot_be_opened_says_why(tmp_path: Path) -> None:
    program(tmp_path / "arecord", "#!/bin/sh\necho 'no such device: default' >&2\nexit 1\n")
    program(tmp_path / "aplay", "#!/bin/sh\nexec sleep 60\n")
    devices = Devices((str(tmp_path / "arecord"),), (str(tmp_path / "aplay"),))
    async with a_call() as far:
        with pytest.raises(PhoneUnusable, match="The microphone is gone: no such device: default"):
            await talk(far, devices, asyncio.Event())


def test_a_machine_without_sound_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(PhoneUnusable, match="alsa-utils"):
        Devices.found(path=str(tmp_path))


async def test_what_a_microphone_is_ahead_by_is_left_out() -> None:
    async with a_call() as far:
        for _ in range(500):
            far.feed(base64.b64decode("AAAA") * 60)
        ended_s = await far.say(b"")
        assert ended_s < 1
