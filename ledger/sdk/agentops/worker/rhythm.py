"""When the next slot will be free, judged by the last tasks, so that its next task can be there already.

Only work that takes about the same time again and again is foreseen. A worker whose tasks take now seconds,
now minutes claims when a slot is free, and holds nothing that an idle worker could do.
"""

from collections import deque
from collections.abc import Iterable

REMEMBERED = 8
LONGEST_WAIT_S = 0.5
"""Between the shortest and the longest of the last: more is no rhythm, and a task would wait unbegun."""
SHORTEST_S = 0.01
"""Work that is shorter takes less than a claim: its result and the next claim go in one trip instead."""
LEAST_LEAD_S, MOST_LEAD_S = 0.03, 0.5


class Rhythm:
    """The last tasks of one worker, and the last claims. Times are seconds of one monotonic clock."""

    def __init__(self) -> None:
        self._works: deque[float] = deque(maxlen=REMEMBERED)
        self._claims: deque[float] = deque(maxlen=REMEMBERED)

    def worked(self, seconds: float) -> None:
        """A task took so long."""
        self._works.append(seconds)

    def claimed(self, seconds: float) -> None:
        """A claim took so long."""
        self._claims.append(seconds)

    def break_off(self) -> None:
        """It was wrong: nothing is foreseen before as many tasks again."""
        self._works.clear()

    def wishes(self, begun: Iterable[float]) -> list[float]:
        """When to claim for each task that runs: in time for its end. Empty without a rhythm.

        Args:
            begun: When each of them began.
        """
        if len(self._works) < REMEMBERED or min(self._works) < SHORTEST_S:
            return []
        if max(self._works) - min(self._works) > LONGEST_WAIT_S:
            return []
        ahead_s = min(self._works) - self._lead_s()
        return sorted(began + max(0.0, ahead_s) for began in begun)

    def _lead_s(self) -> float:
        """Twice what a claim takes, for the next may be slower."""
        slowest = max(self._claims, default=0.0)
        return min(max(2 * slowest, LEAST_LEAD_S), MOST_LEAD_S)
