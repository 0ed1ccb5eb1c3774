"""A worker's slots: what is in them, what is on its way to them, when to ask for more."""

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from agentops.worker.leases import Held
from agentops.worker.rhythm import Rhythm


class Slots:
    """So many tasks are done at once; what is claimed beyond that waits its turn."""

    def __init__(self, count: int) -> None:
        if count < 1:
            raise ValueError("slots must be 1 or more")
        self.rhythm = Rhythm()
        self.plenty = False
        """Whether the last claim brought all that was asked for."""
        self.ahead: deque[Held] = deque()
        """Claimed for slots that will be free within moments."""
        self._begun: dict[Held, float] = {}
        """Those in a slot, and since when. A claim whose work has stopped is in none: while the ledger hears
        of its end, the next begins."""
        self._count = count
        self._coming = 0

    def free(self) -> int:
        """Slots that have nothing, and that nothing is on its way to."""
        return self._count - len(self._begun) - len(self.ahead) - self._coming

    def room(self) -> int:
        """The same, and those that will be free once a claim is answered."""
        return self.free() + sum(at <= self._now() for at in self._wishes())

    @property
    def full(self) -> bool:
        """Whether what is claimed now has to wait."""
        return len(self._begun) >= self._count

    @contextmanager
    def expecting(self, n: int) -> Iterator[None]:
        """So many tasks were asked for, until the answer is there."""
        asked_at = self._now()
        self._coming += n
        try:
            yield
            self.rhythm.claimed(self._now() - asked_at)
        finally:
            self._coming -= n

    def look_again_s(self, longest_s: float) -> float:
        """How long to wait for news before the next claim is due."""
        wishes = self._wishes()[len(self.ahead) :]
        return min(longest_s, max(0.0, wishes[0] - self._now())) if wishes else longest_s

    def begin(self, held: Held) -> None:
        """It is in a slot from now on."""
        self._begun[held] = self._now()

    def leave(self, held: Held) -> Held | None:
        """Its slot is free; whose it is next, if anybody's."""
        if (began := self._begun.pop(held, None)) is None:
            return None
        self.rhythm.worked(self._now() - began)
        return self.ahead.popleft() if self.ahead else None

    def concerns(self, task_id: str | None) -> bool:
        """Whether this task is worked on or waits here; not once its work has stopped."""
        return any(held.task_id == task_id for held in (*self._begun, *self.ahead))

    def _wishes(self) -> list[float]:
        """When to claim ahead: never while nothing waits."""
        return self.rhythm.wishes(self._begun.values()) if self.plenty else []

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()
