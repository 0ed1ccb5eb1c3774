"""What was asked in a call and what came of it, utterance by utterance."""

from dataclasses import dataclass

from gateway.phone.hearing import Answer
from gateway.session.turns import Lane, Turn


@dataclass(slots=True)
class Exchange:
    """One utterance, and its answer."""

    turn: Turn
    answer: Answer
    taken: bool = False
    """It is in the session."""
    replaced: bool = False
    """The caller had only paused: the next one begins with it."""
    heard: bool = False
    """The answer was heard to its end."""
    late: bool = False
    """The caller was told not to wait for the answer."""


class Exchanges:
    """All of one call, by the id of the utterance."""

    def __init__(self) -> None:
        self._by_utterance: dict[str, Exchange] = {}

    def begin(self, utterance_id: str, exchange: Exchange) -> None:
        """Something was said."""
        self._by_utterance[utterance_id] = exchange

    def of(self, utterance_id: str) -> Exchange | None:
        """What became of an utterance; None if it was none of ours."""
        return self._by_utterance.get(utterance_id)

    @property
    def asked(self) -> list[str]:
        """What became turns, in the caller's words."""
        return [one.turn.text for one in self._counted]

    @property
    def unheard(self) -> list[Exchange]:
        """Whose answers the caller still waited for: those that were late, and the last one of all."""
        talk = [one for one in self._counted if one.turn.lane is Lane.TALK]
        return [one for one in talk if not one.heard and (one.late or one is talk[-1])]

    @property
    def _counted(self) -> list[Exchange]:
        return [one for one in self._by_utterance.values() if one.taken and not one.replaced]
