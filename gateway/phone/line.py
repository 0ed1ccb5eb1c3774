"""A media stream as the voice's `Line`."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import structlog

from gateway.phone import frames
from gateway.phone.errors import Forged
from gateway.phone.socket import Closed, Socket
from voice.port import Audio, Digit, Encoding, HungUp, MarkPlayed, Received

log = structlog.get_logger(__name__)

HangUp = Callable[[str], Awaitable[None]]
"""Ends the call with this id at Twilio. Best effort: raises nothing."""


class MediaLine:
    """One call's media stream, from its `start` on."""

    encoding = Encoding.MULAW
    sample_rate_hz = 8_000

    def __init__(self, socket: Socket, begin: frames.Begin, hang_up: HangUp) -> None:
        self._socket = socket
        self._stream_sid = begin.stream_sid
        self._hang_up = hang_up
        self._over = asyncio.Event()
        self._stopped = False
        self.call_id = begin.call_sid

    async def received(self) -> AsyncIterator[Received]:
        """What Twilio sends; a message that it never sends ends the call."""
        try:
            while not self._over.is_set():
                message = frames.read(await self._socket.text())
                match message:
                    case frames.Media(media=sound) if sound.track == "inbound":
                        yield Audio(sound.data())
                    case frames.Mark(mark=mark):
                        yield MarkPlayed(mark.name)
                    case frames.Dtmf(dtmf=key) if key.digit in "0123456789*#" and len(key.digit) == 1:
                        yield Digit(key.digit)
                    case frames.Stop():
                        self._stopped = True
                        yield HungUp("stop")
                        return
                    case frames.Start():
                        await self._misused("a second start")
                        yield HungUp("not understood")
                        return
        except Forged as error:
            await self._misused(str(error))
            yield HungUp("not understood")
        except Closed as error:
            yield HungUp(str(error))

    async def _misused(self, reason: str) -> None:
        log.warning("call.stream_refused", call_id=self.call_id, reason=reason)
        await self._socket.close(1007, "not a message of a media stream")

    async def send(self, audio: Audio) -> None:
        """Queue sound for the caller."""
        await self._put(frames.media(self._stream_sid, audio.data))

    async def clear(self) -> None:
        """Drop what was not played yet. Twilio then echoes every mark behind it."""
        await self._put(frames.clear(self._stream_sid))

    async def mark(self, name: str) -> None:
        """Ask for its echo."""
        await self._put(frames.mark(self._stream_sid, name))

    async def hang_up(self) -> None:
        """End the stream, and the call with it."""
        if self._over.is_set():
            return
        self._over.set()
        # A <Connect> ends with its stream and Twilio goes on behind it, where there is nothing: it hangs up.
        # Asked for by its API as well, because a caller must never stay in a silent call.
        await self._socket.close(1000, "the call is over")
        if not self._stopped:
            await self._hang_up(self.call_id)

    async def _put(self, text: str) -> None:
        if self._over.is_set():
            return
        try:
            await self._socket.send(text)
        except Closed:
            self._over.set()
