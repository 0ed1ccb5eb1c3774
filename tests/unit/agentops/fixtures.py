"""A client whose waits are instant and written down."""

import random
from collections.abc import Callable

from agentops import AgentOpsClient, Backoff, RetryPolicy

KEY = "cos_admin_s3cret"


class Waits:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.slept_s: list[float] = []

    def clock(self) -> float:
        return self.now_s

    async def sleep(self, seconds: float) -> None:
        self.slept_s.append(seconds)
        self.now_s += seconds


def policy(waits: Waits, *, tries: int = 4, jitter: Callable[[], float] = lambda: 0.0) -> RetryPolicy:
    """Retries that cost no time."""
    backoff = Backoff(first_s=0.2, cap_s=5.0, random=jitter)
    return RetryPolicy(tries=tries, backoff=backoff, clock=waits.clock, sleep=waits.sleep)


def client(url: str, waits: Waits | None = None, *, timeout_s: float = 5.0, tries: int = 4) -> AgentOpsClient:
    """A client for a scripted server."""
    reconnect = Backoff(first_s=0.01, cap_s=0.05, random=random.random)
    retry = policy(waits or Waits(), tries=tries)
    return AgentOpsClient(url, KEY, timeout_s=timeout_s, retry=retry, reconnect=reconnect)
