"""Which sentences were given to be said, sent to the line, and really heard. Pure but for a clock."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

_A_WORD_S = 0.6


@dataclass(frozen=True, slots=True)
class Sentence:
    """Something to be said at one go."""

    id: int
    text: str
    """As the handler wrote it."""
    spoken: str
    """As it is given to the engine."""
    filler: bool = False
    """The voice's own words inside of an answer: they are not a part of it."""


@dataclass(slots=True)
class _Progress:
    sentence: Sentence
    begins_at: float | None = None
    """When its first sound is played to the caller, as estimated or as marks showed."""
    sent_s: float = 0.0
    complete: bool = False
    """All of its sound was sent, and its mark behind it."""


class Playback:
    """The record of one call.

    Args:
        clock: Seconds, monotonic.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._under_way: dict[int, _Progress] = {}
        self._plays_until = 0.0
        self._cut_off: list[Sentence] = []
        self._heard: list[Sentence] = []
        self._partly = ""
        self._played_s = 0.0
        """Of what was cut off."""
        self.final = False
        """The farewell is being said: nothing cuts it off."""
        self.idle = asyncio.Event()
        """Nothing is given that is not heard, and nothing waits to be resumed."""
        self.idle.set()

    @property
    def busy(self) -> bool:
        """Whether anything is given that was not heard to its end."""
        return bool(self._under_way)

    @property
    def ahead_s(self) -> float:
        """How much was sent that is not played yet."""
        return max(0.0, self._plays_until - self._clock())

    def give(self, sentence: Sentence) -> None:
        """A sentence is on its way to the mouth."""
        self._under_way[sentence.id] = _Progress(sentence)
        self.idle.clear()

    def wants(self, sentence_id: int) -> bool:
        """Whether it is still to be said; not after a cut."""
        return sentence_id in self._under_way

    def sent(self, sentence_id: int, seconds: float) -> None:
        """So much more of its sound is on the line."""
        progress = self._under_way.get(sentence_id)
        begins = max(self._clock(), self._plays_until)
        self._plays_until = begins + seconds
        if progress is not None:
            if progress.begins_at is None:
                progress.begins_at = begins
            progress.sent_s += seconds

    def completed(self, sentence_id: int) -> None:
        """All of its sound is on the line."""
        if progress := self._under_way.get(sentence_id):
            progress.complete = True

    def played(self, sentence_id: int) -> None:
        """Its mark came back. After a cut it says nothing, and is not looked at."""
        for known in [one for one in self._under_way if one <= sentence_id]:
            self._heard.append(self._under_way.pop(known).sentence)
        self._maybe_idle()

    def failed(self, sentence_id: int) -> None:
        """It has no sound, so nobody heard it."""
        if self._under_way.pop(sentence_id, None):
            self._maybe_idle()

    def overdue(self, patience_s: float) -> int | None:
        """A sentence whose mark should have come back so long ago; for lines that lose marks."""
        for sentence_id, progress in self._under_way.items():
            if progress.complete and self._end_of(progress) + patience_s < self._clock():
                return sentence_id
        return None

    def cut(self) -> None:
        """The caller spoke over it: what was not played by now will not be."""
        now = self._clock()
        self._plays_until = 0.0
        begun = [one.begins_at for one in self._under_way.values() if one.begins_at is not None]
        self._played_s = max(0.0, now - min(begun)) if begun else 0.0
        for progress in self._under_way.values():
            if progress.complete and self._end_of(progress) <= now:
                self._heard.append(progress.sentence)
                continue
            if not self._cut_off:
                self._partly = _as_far_as(progress, now)
            self._cut_off.append(progress.sentence)
        self._under_way.clear()
        self._maybe_idle()

    def resume(self) -> list[Sentence]:
        """What was cut off, to be given once more; the first of it was perhaps heard in part."""
        again, self._cut_off, self._partly, self._played_s = self._cut_off, [], "", 0.0
        self._maybe_idle(unless=bool(again))
        return again

    def take_heard(self) -> tuple[str, bool]:
        """What the caller heard since the last time, and whether something was left out. Forgets it all."""
        whole = [one.text for one in self._heard if not one.filler]
        was_cut = bool(self._cut_off or self._under_way)
        if self._cut_off and not self._cut_off[0].filler and self._partly:
            whole.append(self._partly)
        self._under_way.clear()
        self._cut_off, self._heard, self._partly, self._played_s = [], [], "", 0.0
        self.idle.set()
        return " ".join(whole), was_cut

    @property
    def left(self) -> int:
        """Sentences that were cut off."""
        return len(self._cut_off)

    @property
    def hardly_heard(self) -> bool:
        """Whether no more than a word of what was given has been played."""
        if self._heard:
            return False
        begun = [one.begins_at for one in self._under_way.values() if one.begins_at is not None]
        played_s = self._clock() - min(begun) if begun else self._played_s
        return played_s < _A_WORD_S

    def _maybe_idle(self, *, unless: bool = False) -> None:
        if not (self._under_way or self._cut_off or unless):
            self.idle.set()

    def _end_of(self, progress: _Progress) -> float:
        return (progress.begins_at or 0.0) + progress.sent_s


def _as_far_as(progress: _Progress, now: float) -> str:
    """The words of a sentence that were played by now, as far as time can tell."""
    if progress.begins_at is None or not progress.sent_s or now <= progress.begins_at:
        return ""
    # The sound that was sent may be less than the sentence's; then it is taken for about as long as its text.
    whole_s = (
        progress.sent_s if progress.complete else max(progress.sent_s, len(progress.sentence.spoken) / 15)
    )
    share = min(1.0, (now - progress.begins_at) / whole_s)
    text = progress.sentence.text
    length = int(len(text) * share)
    return text if length >= len(text) else text[: text.rfind(" ", 0, length + 1) + 1].rstrip()
