"""The two sides of a call: the line that carries sound, and the handler that knows what to say.

A transport (Twilio's media stream, a browser's socket) is a `Line`. Who the caller is, what they may do and
what is answered is a `CallHandler`'s affair. `voice.call.hold_call` stands between the two.
"""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Encoding(StrEnum):
    """How a line writes sound; always one channel."""

    MULAW = "mulaw"
    """G.711 µ-law, one byte a sample: the telephone network's."""
    PCM16 = "pcm16"
    """Signed 16 bit, little endian."""


@dataclass(frozen=True, slots=True)
class Audio:
    """Sound in the line's encoding and rate. Any length, whole samples; 20 ms is usual."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Digit:
    """A key of the telephone."""

    key: str
    """One of `0123456789*#`."""


@dataclass(frozen=True, slots=True)
class MarkPlayed:
    """All that was sent before this mark has been played to the caller."""

    name: str


@dataclass(frozen=True, slots=True)
class HungUp:
    """The other side is gone; nothing comes after it."""

    reason: str = ""
    """For the log: `stop`, `closed`, `connection lost`."""


Received = Audio | Digit | MarkPlayed | HungUp


class Line(Protocol):
    """A transport as the voice sees it. All methods belong to one event loop.

    A line that has ended may be sent to: it drops what it gets, and raises nothing.
    """

    @property
    def call_id(self) -> str:
        """The transport's own name of the call; for logs."""

    @property
    def encoding(self) -> Encoding:
        """Of both directions."""

    @property
    def sample_rate_hz(self) -> int:
        """8000 or 16000; of both directions."""

    def received(self) -> AsyncIterator[Received]:
        """What comes from the caller, as it comes. Ends with a `HungUp`, or by just ending."""

    async def send(self, audio: Audio) -> None:
        """Queue sound for the caller. It comes in real time, no more than 0.4 s ahead of what is played."""

    async def clear(self) -> None:
        """Drop what was sent and is not played yet. Marks behind it may be echoed or not: see `mark`."""

    async def mark(self, name: str) -> None:
        """Ask for a `MarkPlayed(name)` when all that was sent before has been played.

        An echo that comes after `clear` says nothing, and is taken as not played.
        """

    async def hang_up(self) -> None:
        """End the call. May be called twice."""


class UtteranceKind(StrEnum):
    """How the caller said it."""

    SPEECH = "speech"
    KEYS = "keys"
    """Typed on the telephone's keys: a PIN, a choice. The text is digits, without the closing `#`."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """What the caller said in one turn."""

    id: str
    """Unique; `Spoken.utterance_id` refers to it."""
    kind: UtteranceKind
    text: str
    """Never empty."""
    at: datetime
    """When they had finished; in UTC."""
    replaces: str = ""
    """An utterance that this one begins with: the caller had only paused, and went on before more than a
    word of its answer was heard. That answer was cancelled."""


class SpokenKind(StrEnum):
    """Why something was said to the caller."""

    GREETING = "greeting"
    ANSWER = "answer"
    NOTICE = "notice"
    """By `Call.say`."""
    FILLER = "filler"
    """The voice's own: "One moment.", "Are you still there?"."""
    FAREWELL = "farewell"


@dataclass(frozen=True, slots=True)
class Spoken:
    """What the caller really heard of one speech. Nothing is told of a speech of which nothing was heard,
    except that an `ANSWER` that was cut off before its first word is told with an empty text."""

    kind: SpokenKind
    text: str
    """As it was written by the handler; the sentences that were played, the last one cut at a word."""
    interrupted: bool
    """Whether the caller spoke over it, and it was cut off."""
    utterance_id: str = ""
    """What it answers; empty unless an `ANSWER`."""


class EndedBy(StrEnum):
    """Who or what ended a call."""

    CALLER = "caller"
    HANDLER = "handler"
    """`Call.hang_up`."""
    SILENCE = "silence"
    """Nobody spoke, twice asked."""
    TIME_LIMIT = "time_limit"
    FAULT = "fault"
    """The pipeline broke; the log says how."""


@dataclass(frozen=True, slots=True)
class CallRecord:
    """How a call went."""

    call_id: str
    began_at: datetime
    duration_s: float
    ended_by: EndedBy
    turns: int
    """Utterances that were answered, or whose answer was interrupted."""
    interruptions: int
    """How often the caller spoke over the voice."""
    fallbacks: tuple[str, ...] = ()
    """Vendors that failed and were replaced by the local engine: `stt:deepgram`."""


class Call(Protocol):
    """The handler's hand on the call that it is in. Methods may be called from any task of the loop."""

    @property
    def id(self) -> str:
        """As of the line."""

    async def say(self, text: str) -> None:
        """Speak without being asked, as soon as neither side speaks and no answer is under way."""

    def listen_for(self, phrases: Iterable[str]) -> None:
        """Say what the caller is likely to mention: names, titles; the likeliest first.

        What sounds like one of their words is heard as one from now on, by the local engine. It takes the
        place of what was said before.
        """

    async def hang_up(self, farewell: str = "") -> None:
        """End the call, once what is being said and the farewell have been heard. Returns at once."""


class CallHandler(Protocol):
    """What a call means. An exception in any method is logged, and an apology spoken where one is due."""

    async def greeting(self, call: Call) -> str:
        """The first words; empty says nothing and listens. Called once, before all else."""

    def answer(self, utterance: Utterance) -> AsyncIterator[str]:
        """The answer's text in pieces of any size, with the white space between them.

        It is closed (`CancelledError` or `aclose`) when the caller speaks over it. Markdown is welcome: the
        voice makes it speakable. Yielding nothing says nothing.
        """

    async def heard(self, spoken: Spoken) -> None:
        """What the caller heard; once for each speech, after it ended or was cut off."""

    async def ended(self, record: CallRecord) -> None:
        """The call is over. Called once, last."""
