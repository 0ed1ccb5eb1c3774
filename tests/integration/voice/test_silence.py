"""A quiet line costs next to nothing, and what is said after a silence is noticed as soon as ever."""

from collections.abc import Awaitable, Callable
from typing import Any

import numpy as np

from tests.integration.voice.conftest import CALLER_HZ
from voice.engines.silero import SileroEar
from voice.gate import Edge, SpeechGate
from voice.sound import Samples, resampled
from voice.speech import Speech

LINE_HZ = 8_000
FAINT = 0.001


class Counting:
    """The model, and how often it was asked."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self.asked = 0

    def run(self, *args: Any) -> Any:
        self.asked += 1
        return self._session.run(*args)


def edges(session: Any, sound: Samples, *, spares: bool) -> list[tuple[int, Edge]]:
    """Which window brought which."""
    ear, gate = SileroEar(session, LINE_HZ), SpeechGate()
    found = []
    for at in range(0, len(sound) - ear.window + 1, ear.window):
        window = sound[at : at + ear.window]
        faint = float(np.abs(window).max()) <= FAINT
        likelihood = ear.likelihood(window, faint=faint and spares)
        edge = gate.hear(0.0 if faint else likelihood)
        if edge is not None:
            found.append((at // ear.window, edge))
    return found


async def test_silence_is_not_put_before_the_model_and_changes_no_edge(
    speech: Speech, caller_says: Callable[[str], Awaitable[Samples]]
) -> None:
    said = resampled(await caller_says("Please call the plumber tomorrow."), CALLER_HZ, LINE_HZ)
    quiet = np.zeros(4 * LINE_HZ, dtype=np.float32)
    sound = np.concatenate([quiet, said, quiet, said, quiet])
    always, spared = Counting(speech.silero), Counting(speech.silero)
    heard = edges(always, sound, spares=False)
    assert [edge for _, edge in heard].count(Edge.BEGAN) >= 2
    assert edges(spared, sound, spares=True) == heard
    assert spared.asked < always.asked / 2
