"""Whose turn it is to speak, and what is said: between what was heard and the handler."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

import structlog
from pipecat.frames.frames import Frame, InterruptionFrame, TTSSpeakFrame
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

from voice.backchannel import only_listening
from voice.options import CallOptions
from voice.pipeline.answering import Wait, Waits, sentences
from voice.pipeline.ending import Ending
from voice.pipeline.frames import FloorReturnedFrame, FloorTakenFrame, SayFrame, UtteranceFrame
from voice.pipeline.mouth import Mouth
from voice.pipeline.playback import Playback, Sentence
from voice.pipeline.stopwatch import Stopwatch
from voice.port import CallHandler, EndedBy, Spoken, SpokenKind, Utterance, UtteranceKind
from voice.speakable import speakable

log = structlog.get_logger(__name__)
_ONE_BREATH_S = 2.5
"""Speech so soon after an utterance, before more than a word of its answer was heard, goes on with it."""
_TELLING_S = 0.5


@dataclass(slots=True)
class _Speech:
    """Something that is being said, or waits to be."""

    kind: SpokenKind
    texts: AsyncIterator[str]
    utterance: Utterance | None = None
    last_sound_at: float = 0.0
    sound: bytes = b""
    """Of all the utterance."""


class Talker(FrameProcessor):
    """Says one thing after the other, and stops for the caller."""

    def __init__(
        self,
        handler: CallHandler,
        mouth: Mouth,
        playback: Playback,
        stopwatch: Stopwatch,
        ending: Ending,
        options: CallOptions,
    ) -> None:
        super().__init__(name="talker")
        self._handler = handler
        self._mouth = mouth
        self._playback = playback
        self._stopwatch = stopwatch
        self._ending = ending
        self._options = options
        self._waiting: deque[_Speech] = deque()
        self._speech: _Speech | None = None
        self._speaking: asyncio.Task[None] | None = None
        self._floor_is_ours = asyncio.Event()
        self._floor_is_ours.set()
        self._last_id = 0
        self._ends: EndedBy | None = None
        self.turns = 0
        self.interruptions = 0
        self.at_rest = asyncio.Event()
        """Nobody speaks, nothing is to be said."""

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Take what was heard; pass the rest on."""
        await super().process_frame(frame, direction)
        match frame:
            case UtteranceFrame():
                await self._answer(frame)
            case FloorReturnedFrame():
                await self._resume()
                if frame.deaf:
                    self.say(SpokenKind.FILLER, self._options.phrases.deaf)
            case FloorTakenFrame():
                self._floor_is_ours.clear()
                self.at_rest.clear()
                await self._fall_silent()
                await self.push_frame(frame, direction)
            case _:
                await self.push_frame(frame, direction)

    def say(self, kind: SpokenKind, text: str) -> None:
        """Say it when it is its turn."""
        self._waiting.append(_Speech(kind, _only(text)))
        self._go_on()

    def end_after(self, farewell: str, by: EndedBy) -> None:
        """Let what is being said be heard, then the farewell; then the call ends."""
        if self._ends is not None:
            return
        self._ends = by
        self._waiting.clear()
        if farewell:
            self._waiting.append(_Speech(SpokenKind.FAREWELL, _only(farewell)))
        self._go_on()

    async def stop(self) -> None:
        """The call is over: end what is under way, and tell what was heard of it."""
        self._waiting.clear()
        await self._cut_short(spoken_over=False)

    async def _fall_silent(self) -> None:
        """Cut off what was given between the caller's first sound and our learning of it."""
        if self._playback.busy:
            self._playback.cut()
            await self.push_frame(InterruptionFrame())

    def _go_on(self) -> None:
        """Begin with what waits, if nothing is under way."""
        if self._speech is not None:
            return
        if self._waiting:
            self.at_rest.clear()
            self._speech = self._waiting.popleft()
            self._playback.final = self._speech.kind is SpokenKind.FAREWELL
            self._speaking = self.create_task(self._hold(self._speech))
        elif self._ends is not None:
            self._ending.end(self._ends)
        elif self._floor_is_ours.is_set():
            self.at_rest.set()

    async def _hold(self, speech: _Speech) -> None:
        """Say all of it, and wait until it has been heard."""
        try:
            await self._say_all(speech)
            await self._playback.idle.wait()
        except Exception:
            log.exception("handler.failed", kind=speech.kind)
            await self._give(self._options.phrases.apology, filler=True)
            await self._playback.idle.wait()
        self._speech = self._speaking = None
        await self._tell(speech, interrupted=False)
        self._go_on()

    async def _say_all(self, speech: _Speech) -> None:
        waits = Waits(self._options.moment_after_s, self._options.still_working_after_s)
        answers = speech.kind is SpokenKind.ANSWER
        began = self._stopwatch.first_words if answers else _nothing
        async with aclosing(sentences(speech.texts, waits, began)) as all_of_it:
            async for one in all_of_it:
                if isinstance(one, Wait):
                    await self._bridge_the_wait(one)
                else:
                    await self._give(one, timed=answers)

    async def _bridge_the_wait(self, wait: Wait) -> None:
        phrases = self._options.phrases
        if not self._playback.busy and self._floor_is_ours.is_set():
            await self._give(phrases.moment if wait is Wait.MOMENT else phrases.still_working, filler=True)

    async def _give(self, text: str, *, filler: bool = False, timed: bool = False) -> None:
        """Let the mouth say a sentence, once the caller is silent."""
        await self._floor_is_ours.wait()
        self._last_id += 1
        sentence = Sentence(self._last_id, text, speakable(text), filler)
        if not sentence.spoken:
            return
        if timed:
            self._stopwatch.first_sentence(sentence.id)
        await self._to_mouth(sentence)

    async def _to_mouth(self, sentence: Sentence) -> None:
        self._playback.give(sentence)
        by_vendor = self._mouth.uses_vendor
        await self.push_frame(SayFrame(sentence=sentence, by_vendor=by_vendor))
        if by_vendor:
            await self.push_frame(TTSSpeakFrame(sentence.spoken, append_to_context=False))

    async def _resume(self) -> None:
        """It was nothing: what was cut off is said again, from the sentence in which it was."""
        self._floor_is_ours.set()
        for sentence in self._playback.resume():
            # A new id, so that a late mark of its first time is not taken for it.
            self._last_id += 1
            again = Sentence(self._last_id, sentence.text, sentence.spoken, sentence.filler)
            await self._to_mouth(again)
        self._go_on()

    async def _answer(self, heard: UtteranceFrame) -> None:
        speech = heard.kind is UtteranceKind.SPEECH
        if speech and self._playback.left and only_listening(heard.text, self._playback.left):
            await self._resume()
            return
        begun = self._begun_before(heard.began_at) if speech else None
        utterance = _utterance(heard, begun)
        sound = begun.sound + heard.sound if begun else heard.sound
        await self._cut_short(spoken_over=not self._playback.hardly_heard)
        self._floor_is_ours.set()
        if self._ends is not None:
            self._go_on()
            return
        self.turns += 1
        self._stopwatch.turn_decided(heard)
        texts = self._handler.answer(utterance)
        answer = _Speech(SpokenKind.ANSWER, texts, utterance, heard.last_sound_at, sound)
        self._waiting.appendleft(answer)
        self._go_on()

    def sound_before(self, began_at: float) -> bytes:
        """The sound of the utterance that speech since then only goes on with; empty if there is none."""
        begun = self._begun_before(began_at)
        return begun.sound if begun else b""

    def _begun_before(self, began_at: float) -> _Speech | None:
        """The answer to an utterance that speech since then only goes on with, if it does."""
        speech = self._speech
        if speech is None or speech.utterance is None or not self._playback.hardly_heard:
            return None
        spoken = speech.utterance.kind is UtteranceKind.SPEECH
        return speech if spoken and began_at - speech.last_sound_at < _ONE_BREATH_S else None

    async def _cut_short(self, *, spoken_over: bool) -> None:
        """End what is being said, for good."""
        speech, task = self._speech, self._speaking
        if speech is None:
            self._playback.take_heard()
            return
        if task is not None:
            await self.cancel_task(task)
        self._speech = self._speaking = None
        self.interruptions += spoken_over
        await self._tell(speech, interrupted=True)

    async def _tell(self, speech: _Speech, *, interrupted: bool) -> None:
        text, _ = self._playback.take_heard()
        answers = speech.kind is SpokenKind.ANSWER
        if not text and not (answers and interrupted):
            return
        utterance_id = speech.utterance.id if speech.utterance else ""
        try:
            async with asyncio.timeout(_TELLING_S):
                await self._handler.heard(Spoken(speech.kind, text, interrupted, utterance_id))
        except Exception:
            log.exception("handler.failed", kind=speech.kind)


def _utterance(heard: UtteranceFrame, begun: _Speech | None) -> Utterance:
    at = datetime.now(UTC)
    if begun is None or begun.utterance is None:
        return Utterance(uuid4().hex, heard.kind, heard.text, at)
    text = heard.whole or f"{begun.utterance.text} {heard.text}"
    return Utterance(uuid4().hex, heard.kind, text, at, begun.utterance.id)


async def _only(text: str) -> AsyncIterator[str]:
    yield text


def _nothing() -> None:
    """Of a greeting or a notice nobody asks how long it took."""
