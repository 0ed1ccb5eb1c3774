"""The messages of a media stream. Pure.

https://www.twilio.com/docs/voice/media-streams/websocket-messages
"""

import base64
import binascii

import msgspec

from gateway.phone.errors import Forged

LARGEST_BYTES = 65_536
"""Twilio's own are below 1 kB."""


class Connected(msgspec.Struct, frozen=True, tag_field="event", tag="connected"):
    """The first message; says nothing of use."""


class Format(msgspec.Struct, frozen=True, rename="camel"):
    encoding: str
    sample_rate: int
    channels: int = 1


class Begin(msgspec.Struct, frozen=True, rename="camel"):
    stream_sid: str
    call_sid: str
    account_sid: str
    media_format: Format
    custom_parameters: dict[str, str] = {}


class Start(msgspec.Struct, frozen=True, tag_field="event", tag="start"):
    """The second: whose sound it will be."""

    start: Begin


class Sound(msgspec.Struct, frozen=True):
    payload: str
    track: str = "inbound"

    def data(self) -> bytes:
        """The sound itself.

        Raises:
            Forged: Not base64.
        """
        try:
            return base64.b64decode(self.payload, validate=True)
        except binascii.Error:
            raise Forged("a payload that is not base64") from None


class Media(msgspec.Struct, frozen=True, tag_field="event", tag="media"):
    """20 ms of the caller's sound."""

    media: Sound


class Named(msgspec.Struct, frozen=True):
    name: str


class Mark(msgspec.Struct, frozen=True, tag_field="event", tag="mark"):
    """What we sent before this mark has been played, or was cleared."""

    mark: Named


class Key(msgspec.Struct, frozen=True):
    digit: str


class Dtmf(msgspec.Struct, frozen=True, tag_field="event", tag="dtmf"):
    """A key was pressed."""

    dtmf: Key


class Stop(msgspec.Struct, frozen=True, tag_field="event", tag="stop"):
    """The last: the call, or the stream, is over."""


Message = Connected | Start | Media | Mark | Dtmf | Stop

_decoder: msgspec.json.Decoder[Message] = msgspec.json.Decoder(Message)


def read(text: str) -> Message:
    """One message.

    Raises:
        Forged: Not one that Twilio sends.
    """
    try:
        return _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise Forged(f"not a message of a media stream: {str(error)[:200]}") from None


def media(stream_sid: str, sound: bytes) -> str:
    """Sound to be played."""
    payload = base64.b64encode(sound).decode()
    return f'{{"event":"media","streamSid":"{stream_sid}","media":{{"payload":"{payload}"}}}}'


def mark(stream_sid: str, name: str) -> str:
    """Ask to be told when what was sent before has been played."""
    body = {"event": "mark", "streamSid": stream_sid, "mark": {"name": name}}
    return msgspec.json.encode(body).decode()


def clear(stream_sid: str) -> str:
    """Drop what was not played yet."""
    return f'{{"event":"clear","streamSid":"{stream_sid}"}}'
