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
Over = Callable[[str], Awaitable[None]]
"""Keeps that this call has ended, so that no other stream of it begins."""
_KEEPING_S = 2.0


def name_of(call_sid: str, leg: int) -> str:
    """What one stream of a call is called in logs and records."""
    return call_sid if leg == 1 else f"{call_sid}-{leg}"


class MediaLine:
    """One call's media stream, from its `start` on."""

    encoding = Encoding.MULAW
    sample_rate_hz = 8_000

    def __init__(
        self, socket: Socket, begin: frames.Begin, *, over: Over, hang_up: HangUp, leg: int = 1
    ) -> None:
        self._socket = socket
        self._stream_sid = begin.stream_sid
        self._keep_over = over
        self._hang_up = hang_up
        self._over = asyncio.Event()
        self._stopped = False
        self._call_sid = begin.call_sid
        self.call_id = name_of(begin.call_sid, leg)

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
            self._cut_off(error)
            yield HungUp(str(error))

    def _cut_off(self, error: Closed) -> None:
        """The stream broke, as a reader or a writer finds: the call goes on, and its next leg may come."""
        if not self._over.is_set():
            self._over.set()
            log.warning("call.cut_off", call_id=self.call_id, reason=str(error))

    async def _misused(self, reason: str) -> None:
        log.warning("call.stream_refused", call_id=self.call_id, reason=reason)
        await self._end_for_good()
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
        if self._stopped:
            await self._socket.close(1000, "the call is over")
            return
        # First this: when its stream ends Twilio asks how the call goes on, and has to hear that it is over.
        await self._end_for_good()
        await self._socket.close(1000, "the call is over")
        # Asked for as well, because a caller must never stay in a silent call.
        await self._hang_up(self._call_sid)

    async def _end_for_good(self) -> None:
        try:
            async with asyncio.timeout(_KEEPING_S):
                await self._keep_over(self._call_sid)
        except TimeoutError:
            log.warning("call.end_not_kept", call_id=self.call_id)

    async def _put(self, text: str) -> None:
        if self._over.is_set():
            return
        try:
            await self._socket.send(text)
        except Closed as error:
            self._cut_off(error)
