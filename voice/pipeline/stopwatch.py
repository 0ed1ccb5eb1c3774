"""Where the time of each turn goes, gathered from the parts that it passes."""

from collections.abc import Callable

from voice.measures import CallObserver, TurnTimes
from voice.pipeline.frames import UtteranceFrame


class Stopwatch:
    """One call's. An answer's first sentence ends the measurement; a filler does not.

    Args:
        clock: The event loop's, in seconds.
        observer: Is told each turn's times, and the greeting's.
    """

    def __init__(self, clock: Callable[[], float], observer: CallObserver) -> None:
        self._clock = clock
        self._observer = observer
        self._call_began_at = clock()
        self._greeted = False
        self._turn: UtteranceFrame | None = None
        self._words_at = self._sentence_at = 0.0
        self._awaited = -1

    def turn_decided(self, turn: UtteranceFrame) -> None:
        """The caller has finished; an answer is asked for."""
        self._turn, self._words_at, self._awaited = turn, 0.0, -1

    def first_words(self) -> None:
        """The handler begins to answer."""
        self._words_at = self._words_at or self._clock()

    def first_sentence(self, sentence_id: int) -> None:
        """The answer's first sentence goes to the mouth."""
        if self._awaited < 0:
            self._awaited, self._sentence_at = sentence_id, self._clock()

    def sounded(self, sentence_id: int) -> None:
        """A frame of this sentence is on the line."""
        if not self._greeted:
            self._greeted = True
            self._observer.greeted(self._clock() - self._call_began_at)
        if self._turn is not None and sentence_id == self._awaited:
            self._observer.turn_measured(self._times(self._turn))
            self._turn = None

    def _times(self, turn: UtteranceFrame) -> TurnTimes:
        heard_at = max(turn.silence_known_at, turn.text_known_at)
        return TurnTimes(
            vad_s=turn.silence_known_at - turn.last_sound_at,
            stt_s=heard_at - turn.silence_known_at,
            turn_s=turn.decided_at - heard_at,
            brain_s=self._words_at - turn.decided_at,
            sentence_s=self._sentence_at - self._words_at,
            tts_s=self._clock() - self._sentence_at,
        )
