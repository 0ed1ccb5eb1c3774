"""Leased mailboxes on Redis: whoever holds one empties it in order, and nobody else writes meanwhile.

Brains serve mailboxes of turns with it, delivery those of messages to a recipient.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, cast
from uuid import uuid4

from redis.asyncio import Redis

from gateway.errors import LeaseLost
from gateway.session import scripts
from gateway.session.redis_client import patiently

SWEEP_S = 2.0
"""A lost wake costs at most this long."""


@dataclass(frozen=True, slots=True)
class Letter:
    """The message at the head of a mailbox."""

    entry: str
    """Redis' stream id: milliseconds since 1970, a dash, a counter."""
    body: bytes
    tries: int
    stops: str = ""
    """The turn that this one stopped."""
    stopped: bool = False
    """It is not wanted any more."""

    @property
    def age_s(self) -> float:
        """How long it has waited, by this machine's clock against Redis'."""
        return time.time() - int(self.entry.split("-")[0]) / 1000


class Scripts:
    """The scripts, ready to run on one Redis."""

    def __init__(self, redis: Redis) -> None:
        self.redis = redis
        self._loaded: dict[str, Callable[..., Awaitable[Any]]] = {}

    async def run(self, script: str, *args: str | bytes | int) -> Any:
        """Run one, however long Redis is away."""
        loaded = self._loaded.get(script)
        if loaded is None:
            loaded = self._loaded[script] = self.redis.register_script(script)
        return await patiently(lambda: loaded(args=args))

    async def write(self, script: str, *args: str | bytes | int) -> int:
        """Run one that a lost lease refuses; what it answers else.

        Raises:
            LeaseLost: It refused; nothing was written.
        """
        written = await self.run(script, *args)
        if not written:
            raise LeaseLost("another holds this mailbox by now; nothing was written")
        return int(written)


class Holding:
    """One mailbox, held."""

    def __init__(
        self, run: Scripts, *, queue: str, box: str, fence: str, lease_s: float, head: Letter | None = None
    ) -> None:
        """`head` came along with the lease, and is the first that `take` gives."""
        self.box = box
        self.fence = fence
        self.lease_s = lease_s
        self._queue = queue
        self._run = run
        self._takes = 0
        self._head = head

    async def take(self) -> Letter | None:
        """The oldest message; counted as a try.

        Raises:
            LeaseLost: Another holds the mailbox.
        """
        if self._head is not None:
            head, self._head = self._head, None
            return head
        self._takes += 1
        taken = await self._run.run(scripts.TAKE, self.box, self.fence, f"{self.fence}:{self._takes}")
        if taken is None:
            raise LeaseLost("another holds this mailbox by now")
        return _letter(taken)

    async def write(self, script: str, *args: str | bytes | int) -> int:
        """Run a script that begins with this mailbox and its fence; what it answers.

        Raises:
            LeaseLost: Another holds the mailbox; nothing was written.
        """
        return await self._run.write(script, self.box, self.fence, *args)

    async def read(self, script: str, *args: str | bytes | int) -> Any:
        """As `write`, for a script that answers something.

        Raises:
            LeaseLost: Another holds the mailbox; nothing was written.
        """
        answer = await self._run.run(script, self.box, self.fence, *args)
        if answer is None:
            raise LeaseLost("another holds this mailbox by now")
        return answer

    async def renew(self) -> None:
        """Start the lease's time anew.

        Raises:
            LeaseLost: Another holds the mailbox.
        """
        await self._run.write(scripts.RENEW, self._queue, self.box, self.fence, _ms(self.lease_s))

    async def release(self, *, delay_s: float = 0, refund: bool = False) -> None:
        """Hand it back, to be taken again after `delay_s`."""
        await self._run.run(
            scripts.RELEASE, self._queue, self.box, self.fence, _ms(delay_s), "1" if refund else "0"
        )


async def hold_next(
    run: Scripts, queue: str, *, holder: str, lease_s: float, wait_s: float
) -> Holding | None:
    """Hold the mailbox of a queue that has waited longest; None when none came up in `wait_s`."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + wait_s
    while True:
        fence = uuid4().hex
        box, due_ms, *head = await run.run(scripts.ACQUIRE, queue, fence, holder, _ms(lease_s), f"{fence}:0")
        if box:
            letter = _letter(head[0])
            return Holding(run, queue=queue, box=box.decode(), fence=fence, lease_s=lease_s, head=letter)
        left_s = deadline - loop.time()
        if left_s <= 0:
            return None
        await _wake(run.redis, queue, min(left_s, SWEEP_S, due_ms / 1000 if due_ms >= 0 else SWEEP_S))


async def _wake(redis: Redis, queue: str, within_s: float) -> None:
    """Return as soon as a mailbox of this queue became ready, or when the time is over."""
    within_s = max(within_s, 0.005)  # zero would block for ever
    # redis-py types one method for its sync and async clients together
    blocked = lambda: cast("Awaitable[Any]", redis.blpop([f"cos:wake:{queue}"], timeout=within_s))  # noqa: E731
    await patiently(blocked)


def _letter(head: list[Any]) -> Letter | None:
    """As the scripts give it; empty for an empty mailbox."""
    if not head:
        return None
    entry, body, tries, stops, stopped = head
    return Letter(entry=entry.decode(), body=body, tries=tries, stops=stops.decode(), stopped=bool(stopped))


def _ms(seconds: float) -> int:
    return int(seconds * 1000)
