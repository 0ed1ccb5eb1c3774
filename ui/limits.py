"""How often one address may try to sign in and fail."""

from collections import OrderedDict
from collections.abc import Callable
from time import monotonic


class AttemptLimit:
    """A token bucket for each caller, in bounded memory.

    Args:
        attempts: how many are free at once.
        per_s: seconds in which that many come back.
        max_callers: the longest-unseen caller is forgotten beyond this.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        attempts: int = 10,
        per_s: float = 60,
        *,
        max_callers: int = 10_000,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._attempts = attempts
        self._rate = attempts / per_s
        self._max_callers = max_callers
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_s(self, caller: str) -> float:
        """Count one attempt; 0 when it may go on, else the seconds until the next one may."""
        now = self._clock()
        left, seen = self._buckets.pop(caller, (float(self._attempts), now))
        left = min(self._attempts, left + (now - seen) * self._rate)
        allowed = left >= 1
        self._buckets[caller] = (left - 1 if allowed else left, now)
        if len(self._buckets) > self._max_callers:
            self._buckets.popitem(last=False)
        return 0 if allowed else (1 - left) / self._rate

    def forgive(self, caller: str) -> None:
        """Give the last attempt back: it was a good one."""
        if bucket := self._buckets.get(caller):
            left, seen = bucket
            self._buckets[caller] = (min(self._attempts, left + 1), seen)
