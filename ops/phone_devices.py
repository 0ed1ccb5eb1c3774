"""A microphone and a loudspeaker, by whichever program the system has for them.

Sound is 16 bit, little endian, mono, 8,000 Hz, both ways: what a telephone carries, before its coding.
"""

import asyncio
import shutil
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

from ops.errors import PhoneUnusable
from ops.phone_line import FRAME_S, RATE_HZ, FarEnd
from voice.port import Encoding
from voice.sound import from_pcm16, to_pcm16

T = TypeVar("T")

_PULSE = ("--raw", "--format=s16le", f"--rate={RATE_HZ}", "--channels=1", "--latency-msec=20")
_ALSA = ("-q", "-t", "raw", "-f", "S16_LE", "-r", str(RATE_HZ), "-c", "1")
_SOX = ("-q", "-t", "raw", "-e", "signed-integer", "-b", "16", "-r", str(RATE_HZ), "-c", "1", "-")
_PAIRS = (
    (("parec", *_PULSE), ("pacat", *_PULSE)),
    (("arecord", *_ALSA), ("aplay", *_ALSA)),
    (("rec", *_SOX), ("play", *_SOX)),
)
"""What records to stdout and what plays stdin: of PulseAudio or PipeWire, ALSA, SoX (on macOS, too)."""
_FRAME_BYTES = round(RATE_HZ * FRAME_S) * 2
_END_WITHIN_S = 3.0


@dataclass(frozen=True)
class Devices:
    """A program that records and one that plays."""

    record: tuple[str, ...]
    play: tuple[str, ...]

    @classmethod
    def found(cls, *, path: str | None = None) -> "Devices":
        """Those of this machine; `path` is where to look instead of PATH.

        Raises:
            PhoneUnusable: There are none.
        """
        for record, play in _PAIRS:
            if shutil.which(record[0], path=path) and shutil.which(play[0], path=path):
                return cls(record, play)
        raise PhoneUnusable(
            "No program that records sound was found. Install `pulseaudio-utils`, `alsa-utils` or `sox`, "
            "or give wave files: cos call question.wav"
        )


async def talk(
    far: FarEnd, devices: Devices, over: asyncio.Event, *, environment: Mapping[str, str] | None = None
) -> None:
    """Carry sound both ways until the far end hangs up, or `over` is set.

    Args:
        far: The call.
        devices: What records and plays.
        over: Set by who wants to hang up.
        environment: Of the two programs; None: this one's.

    Raises:
        PhoneUnusable: A device cannot be opened, or is taken away; says what its program says.
    """
    async with AsyncExitStack() as opened:
        microphone = await opened.enter_async_context(_running(devices.record, environment, stdout=PIPE))
        loudspeaker = await opened.enter_async_context(_running(devices.play, environment, stdin=PIPE))
        ways = [
            asyncio.create_task(_speak(far, microphone)),
            asyncio.create_task(_play(far, loudspeaker)),
        ]
        ends = [asyncio.create_task(far.closed.wait()), asyncio.create_task(over.wait())]
        try:
            done, _ = await asyncio.wait([*ways, *ends], return_when=asyncio.FIRST_COMPLETED)
            for way in done & {*ways}:
                way.result()
        finally:
            for task in (*ways, *ends):
                task.cancel()
            await asyncio.gather(*ways, *ends, return_exceptions=True)


async def _speak(far: FarEnd, microphone: Process) -> None:
    sound = _pipe(microphone.stdout)
    while True:
        try:
            frame = await sound.readexactly(_FRAME_BYTES)
        except asyncio.IncompleteReadError:
            raise await _ended(microphone, "The microphone") from None
        far.feed(from_pcm16(frame, Encoding.MULAW))


async def _play(far: FarEnd, loudspeaker: Process) -> None:
    sound, heard = _pipe(loudspeaker.stdin), 0
    while True:
        frames = far.timeline.played[heard:]
        heard += len(frames)
        try:
            sound.write(to_pcm16(b"".join(frames), Encoding.MULAW))
            await sound.drain()
        except OSError:
            raise await _ended(loudspeaker, "The loudspeaker") from None
        await asyncio.sleep(FRAME_S)


async def _ended(program: Process, what: str) -> PhoneUnusable:
    said = (await _pipe(program.stderr).read(2_000)).decode("utf-8", "replace").strip()
    return PhoneUnusable(f"{what} is gone: {said or 'its program ended without a word.'}")


def _pipe(stream: T | None) -> T:
    """One that a program was started with."""
    if stream is None:
        raise ValueError("the program was started without this pipe")
    return stream


@asynccontextmanager
async def _running(
    command: tuple[str, ...],
    environment: Mapping[str, str] | None,
    *,
    stdin: int = DEVNULL,
    stdout: int = DEVNULL,
) -> AsyncIterator[Process]:
    # In a session of its own: Ctrl-C is for the call, which ends the programs when it has hung up.
    program = await asyncio.create_subprocess_exec(
        *command, env=environment, stdin=stdin, stdout=stdout, stderr=PIPE, start_new_session=True
    )
    try:
        yield program
    finally:
        if program.returncode is None:
            program.terminate()
            try:
                await asyncio.wait_for(program.wait(), _END_WITHIN_S)
            except TimeoutError:
                program.kill()
                await program.wait()
