"""When to try again: exponential backoff with jitter, within a number of tries and a time."""

import asyncio
import itertools
import logging
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from agentops.errors import AgentOpsError

log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Backoff:
    """Pauses that double up to a cap, each shortened at random by up to a half.

    The random part keeps many clients that lost the ledger at the same moment from returning as one.
    """

    first_s: float = 0.2
    cap_s: float = 5.0
    random: Callable[[], float] = random.random
    """Uniform in [0, 1)."""

    def delay_s(self, failures: int) -> float:
        """How long to wait after `failures` earlier failures in a row (0 for the first)."""
        ceiling_s: float = min(self.cap_s, self.first_s * 2 ** min(failures, 30))
        return ceiling_s * (1 - self.random() / 2)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how long one call is tried.

    The defaults ride out a restart of the ledger (a few seconds) without holding a caller for long.
    """

    tries: int = 6
    budget_s: float = 30.0
    """No new try begins later than this after the first."""
    backoff: Backoff = field(default_factory=Backoff)
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def run(
        self, attempt: Callable[[], Awaitable[T]], *, may_repeat: Callable[[AgentOpsError], bool]
    ) -> T:
        """Await `attempt()` until it succeeds, fails for good, or the tries or the time are used up.

        Args:
            attempt: Makes one try; called anew for each.
            may_repeat: Whether a try that failed with this retryable error can be repeated safely.

        Raises:
            AgentOpsError: The last try's error.
        """
        started = self.clock()
        for failures in itertools.count():
            try:
                return await attempt()
            except AgentOpsError as error:
                wait_s = (error.retry_after_s or 0.0) + self.backoff.delay_s(failures)
                out_of_time = self.clock() - started + wait_s > self.budget_s
                if not error.retryable or not may_repeat(error) or failures + 1 >= self.tries or out_of_time:
                    raise
                log.debug("call.retried code=%s failures=%d wait_s=%.2f", error.code, failures + 1, wait_s)
            await self.sleep(wait_s)
        raise AssertionError("itertools.count() never ends")
