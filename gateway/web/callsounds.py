"""The browser's side of a call as the voice's `Line`, and as the watcher of its words."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
import structlog

from gateway.web.callsocket import MISUSED, BrowserSocket, Gone
from voice.port import Audio, Digit, Encoding, HungUp, MarkPlayed, Received

SAMPLE_RATE_HZ = 16_000

log = structlog.get_logger(__name__)


class Ready(msgspec.Struct, frozen=True, tag_field="type", tag="ready"):
    sample_rate_hz: int


class Mark(msgspec.Struct, frozen=True, tag_field="type", tag="mark"):
    """To the browser: echo it when what was sent before has been played. From it: the echo."""

    name: str


class Clear(msgspec.Struct, frozen=True, tag_field="type", tag="clear"):
    """Drop what was not played yet."""


class Transcript(msgspec.Struct, frozen=True, tag_field="type", tag="transcript"):
    """What was said; the same id again replaces it."""

    who: str
    """`person` or `chief`."""
    id: str
    text: str
    final: bool


class Changed(msgspec.Struct, frozen=True, tag_field="type", tag="state"):
    state: str
    """`listening`, `thinking`, `speaking`."""


class Pressed(msgspec.Struct, frozen=True, tag_field="type", tag="digit"):
    key: str


class HangUp(msgspec.Struct, frozen=True, tag_field="type", tag="hangup"):
    pass


_told = msgspec.json.Decoder(Mark | Pressed | HangUp)


class BrowserLine:
    """One call from a browser."""

    encoding = Encoding.PCM16
    sample_rate_hz = SAMPLE_RATE_HZ

    def __init__(self, socket: BrowserSocket, call_id: str) -> None:
        self._socket = socket
        self._last_mark = ""
        self._state = ""
        self._over = asyncio.Event()
        self.call_id = call_id

    async def open(self) -> None:
        """Tell the browser that sound may flow."""
        await self._socket.say(Ready(sample_rate_hz=SAMPLE_RATE_HZ))

    async def received(self) -> AsyncIterator[Received]:
        """What the browser sends; a message that it never sends ends the call."""
        odd = b""
        try:
            while not self._over.is_set():
                message = await self._socket.receive()
                if isinstance(message, bytes):
                    sound, odd = _whole(odd + message)
                    if sound:
                        yield Audio(sound)
                    continue
                event = await self._event(message)
                yield event
                if isinstance(event, HungUp):
                    return
        except Gone as error:
            yield HungUp(str(error))

    async def _event(self, text: str) -> Received:
        try:
            told = _told.decode(text)
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            log.warning("call.misused", call_id=self.call_id, reason=str(error)[:200])
            await self._socket.close(MISUSED, "not a message of a call")
            return HungUp("not understood")
        match told:
            case Mark(name=name):
                if name == self._last_mark:
                    await self._become("listening")
                return MarkPlayed(name)
            case Pressed(key=key) if len(key) == 1 and key in "0123456789*#":
                return Digit(key)
            case HangUp():
                return HungUp("hangup")
        await self._socket.close(MISUSED, "not a key of a telephone")
        return HungUp("not understood")

    async def send(self, audio: Audio) -> None:
        """Queue sound for the browser."""
        await self._become("speaking")
        await self._socket.sound(audio.data)

    async def clear(self) -> None:
        """Drop what was not played yet."""
        await self._socket.say(Clear())
        await self._become("listening")

    async def mark(self, name: str) -> None:
        """Ask for its echo."""
        self._last_mark = name
        await self._socket.say(Mark(name))

    async def hang_up(self) -> None:
        """The call is over; what ended it is told by who held it."""
        self._over.set()

    async def person(self, utterance_id: str, text: str) -> None:
        """Show what the person said."""
        await self._become("thinking")
        await self._socket.say(Transcript(who="person", id=utterance_id, text=text, final=True))

    async def chief(self, utterance_id: str, text: str, *, final: bool) -> None:
        """Show the answer as it comes, and at the end what was heard of it."""
        await self._socket.say(Transcript(who="chief", id=utterance_id, text=text, final=final))

    async def _become(self, state: str) -> None:
        if state != self._state:
            self._state = state
            await self._socket.say(Changed(state))


def _whole(data: bytes) -> tuple[bytes, bytes]:
    """Whole samples, and what is left over."""
    even = len(data) & ~1
    return data[:even], data[even:]
