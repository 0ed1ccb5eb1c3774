"""The telephone network's end of a media stream: speaks in real time, plays what it gets, echoes marks.

As Twilio does it: https://www.twilio.com/docs/voice/media-streams/websocket-messages
"""

import asyncio
import base64
import json
import random
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

FRAME_S = 0.02
FRAME_BYTES = 160
RATE_HZ = 8_000
SILENCE = b"\xff" * FRAME_BYTES
_MOST_AHEAD = 10
"""Frames: a microphone's clock is not this machine's; what it is ahead by would be heard late for ever."""
_AUDIBLE = 300
"""Of 32,768: what is below it nobody hears."""


@dataclass
class Timeline:
    """What was played to the caller, and what they said, on one clock: 20 ms a frame from the start."""

    played: list[bytes] = field(default_factory=list)
    spoken: list[bytes] = field(default_factory=list)

    @property
    def now_s(self) -> float:
        """Since the start."""
        return len(self.played) * FRAME_S

    def sound(self) -> NDArray[np.int16]:
        """What the caller heard, 8 kHz."""
        return _pcm(b"".join(self.played))

    def first_sound_after(self, at_s: float) -> float | None:
        """When something audible was first played from then on; None: nothing was."""
        first = int(at_s / FRAME_S)
        frames = enumerate(self.played[first:], start=first)
        return next((number * FRAME_S for number, frame in frames if audible(frame)), None)

    def quiet_for_s(self) -> float:
        """How long nothing audible has been played."""
        silent = 0
        for frame in reversed(self.played):
            if audible(frame):
                break
            silent += 1
        return silent * FRAME_S


def audible(frame: bytes) -> bool:
    """Whether a frame can be heard."""
    return frame != SILENCE and bool(np.abs(_pcm(frame).astype(np.int32)).max() > _AUDIBLE)


def _pcm(mulaw: bytes) -> NDArray[np.int16]:
    from voice.port import Encoding
    from voice.sound import to_pcm16

    return np.frombuffer(to_pcm16(mulaw, Encoding.MULAW), dtype="<i2")


@dataclass(frozen=True)
class Wire:
    """How well the network carries what the caller says; in order, as a WebSocket does."""

    loss: float = 0.0
    """The share of frames that never arrive."""
    jitter_s: float = 0.0
    """The most that a frame is late."""
    chance: random.Random = field(default_factory=lambda: random.Random(5))  # noqa: S311 - weather
    """The same each time, for what is measured to be comparable."""

    def loses(self) -> bool:
        """Whether this frame is lost."""
        return self.chance.random() < self.loss

    def delay_s(self) -> float:
        """How late this frame is."""
        return self.chance.uniform(0, self.jitter_s)


class FarEnd:
    """One call, as the network sees it."""

    def __init__(self, socket: ClientConnection, stream_sid: str) -> None:
        self._socket = socket
        self._stream_sid = stream_sid
        self._to_say: deque[bytes] = deque()
        self._to_play: deque[bytes | str] = deque()
        self._rest = b""
        self._said = asyncio.Event()
        self._sequence = 2
        self.timeline = Timeline()
        self.cleared_at: list[float] = []
        self.closed = asyncio.Event()
        self.close_code: int | None = None
        self.hung_up = False
        self.wire = Wire()
        self._late: asyncio.Queue[tuple[float, str]] = asyncio.Queue()

    async def say(self, mulaw: bytes) -> float:
        """Speak, in real time; the moment after the last frame, on the timeline."""
        padded = mulaw + SILENCE[: -len(mulaw) % FRAME_BYTES]
        self._to_say.extend(padded[at : at + FRAME_BYTES] for at in range(0, len(padded), FRAME_BYTES))
        self._said.clear()
        if self._to_say and not self.closed.is_set():
            await self._said.wait()
        return self.timeline.now_s

    def feed(self, mulaw: bytes) -> None:
        """Speak one frame as it comes from a microphone; what comes too early for this clock is left out."""
        if len(self._to_say) < _MOST_AHEAD:
            self._to_say.append((mulaw + SILENCE)[:FRAME_BYTES])

    async def press(self, keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            await self._send({"event": "dtmf", "dtmf": {"track": "inbound_track", "digit": key}})
            await asyncio.sleep(0.1)

    async def until_it_spoke(self, *, after_s: float, quiet_s: float = 0.8, within_s: float = 60) -> None:
        """Wait until something was said from then on, and it has been quiet again.

        Raises:
            TimeoutError: Nothing was said, or it never ended.
        """
        async with asyncio.timeout(within_s):
            while not self.closed.is_set():
                began = self.timeline.first_sound_after(after_s)
                if began is not None and self.timeline.quiet_for_s() >= quiet_s and not self._to_play:
                    return
                await asyncio.sleep(FRAME_S)

    async def until_it_speaks(self, *, after_s: float, within_s: float = 60) -> None:
        """Wait until something is said from then on.

        Raises:
            TimeoutError: Nothing was.
        """
        async with asyncio.timeout(within_s):
            while not self.closed.is_set():
                if self.timeline.first_sound_after(after_s) is not None:
                    return
                await asyncio.sleep(FRAME_S)

    async def hang_up(self) -> None:
        """As a caller does."""
        self.hung_up = self.hung_up or not self.closed.is_set()
        await self._send({"event": "stop", "stop": {}})
        await self._socket.close()

    async def run(self) -> None:
        """Carry sound both ways until the call ends."""
        beside = [asyncio.create_task(self._receive()), asyncio.create_task(self._deliver_late())]
        try:
            await self._tick()
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)

    def break_off(self) -> None:
        """As a network that goes away: no word of an end."""
        self._socket.transport.abort()

    async def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while not self.closed.is_set():
            spoken = self._to_say.popleft() if self._to_say else SILENCE
            if not self._to_say:
                self._said.set()
            if not self.wire.loses():
                await self._media(spoken)
            self.timeline.spoken.append(spoken)
            self.timeline.played.append(await self._next_frame())
            due += FRAME_S
            await asyncio.sleep(max(0.0, due - loop.time()))

    async def _next_frame(self) -> bytes:
        """20 ms of what waits to be played; marks that are reached are echoed."""
        frame = self._rest
        self._rest = b""
        while len(frame) < FRAME_BYTES and self._to_play:
            item = self._to_play.popleft()
            if isinstance(item, str):
                await self._send({"event": "mark", "mark": {"name": item}})
            else:
                frame += item
        self._rest = frame[FRAME_BYTES:]
        return (frame[:FRAME_BYTES] + SILENCE)[:FRAME_BYTES]

    async def _media(self, frame: bytes) -> None:
        await self._send(
            {
                "event": "media",
                "media": {
                    "track": "inbound",
                    "chunk": str(len(self.timeline.spoken) + 1),
                    "timestamp": str(int(self.timeline.now_s * 1000)),
                    "payload": base64.b64encode(frame).decode(),
                },
            }
        )

    async def _receive(self) -> None:
        try:
            async for text in self._socket:
                await self._take(json.loads(text))
        except ConnectionClosed:
            pass
        finally:
            self.close_code = self._socket.close_code
            self.closed.set()
            self._said.set()

    async def _take(self, message: dict[str, Any]) -> None:
        if message.get("streamSid") != self._stream_sid:
            raise ValueError(f"a message of no stream of ours: {message.get('event')}")
        match message["event"]:
            case "media":
                self._to_play.append(base64.b64decode(message["media"]["payload"], validate=True))
            case "mark":
                self._to_play.append(str(message["mark"]["name"]))
            case "clear":
                self.cleared_at.append(self.timeline.now_s)
                marks = [item for item in self._to_play if isinstance(item, str)]
                self._to_play.clear()
                self._rest = b""
                for name in marks:
                    await self._send({"event": "mark", "mark": {"name": name}})
            case other:
                raise ValueError(f"Twilio knows no message {other!r}")

    async def _send(self, message: dict[str, Any]) -> None:
        self._sequence += 1
        body = {**message, "sequenceNumber": str(self._sequence), "streamSid": self._stream_sid}
        if self.wire.jitter_s:
            due = asyncio.get_running_loop().time() + self.wire.delay_s()
            self._late.put_nowait((due, json.dumps(body)))
        else:
            await self._put(json.dumps(body))

    async def _deliver_late(self) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            due, text = await self._late.get()
            await asyncio.sleep(max(0.0, due - clock()))
            await self._put(text)

    async def _put(self, text: str) -> None:
        try:
            await self._socket.send(text)
        except ConnectionClosed:
            self.closed.set()


@asynccontextmanager
async def far_end(
    url: str, *, signature: str, account_sid: str, call_sid: str, token: str
) -> AsyncIterator[FarEnd]:
    """Open a media stream as Twilio does, and carry its sound beside the block.

    Args:
        url: Of the WebSocket, ws or wss.
        signature: Of its public address.
        account_sid: Whose call it is.
        call_sid: Which.
        token: What the TwiML gave as `<Parameter>`.

    Raises:
        websockets.exceptions.InvalidStatus: The handshake was refused.
    """
    stream_sid = f"MZ{uuid4().hex}"
    async with connect(url, additional_headers={"X-Twilio-Signature": signature}, compression=None) as socket:
        await socket.send(json.dumps({"event": "connected", "protocol": "Call", "version": "1.0.0"}))
        start = {
            "accountSid": account_sid,
            "callSid": call_sid,
            "streamSid": stream_sid,
            "tracks": ["inbound"],
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": RATE_HZ, "channels": 1},
            "customParameters": {"token": token},
        }
        await socket.send(
            json.dumps({"event": "start", "sequenceNumber": "1", "start": start, "streamSid": stream_sid})
        )
        end = FarEnd(socket, stream_sid)
        running = asyncio.create_task(end.run())
        try:
            yield end
        finally:
            await end.hang_up()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
