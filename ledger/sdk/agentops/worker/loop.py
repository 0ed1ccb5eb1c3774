"""The worker's loop: hear of work, claim as much as there is room for, do it side by side.

While there is more work than slots and it goes by a rhythm, the next task is claimed a moment before a slot
is free, so that the slot does not wait for the ledger. Otherwise the next task comes with the answer to the
result of the one before.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

from agentops.client import AgentOpsClient
from agentops.errors import AgentOpsError, CursorExpired, Unauthenticated
from agentops.retry import Backoff
from agentops.wire import Claim, ClaimNextRequest, NewAgent
from agentops.worker.attempt import Attempt
from agentops.worker.job import Job
from agentops.worker.leases import Held, Interruption, Leases
from agentops.worker.slots import Slots
from agentops.worker.succession import Succession

log = logging.getLogger(__name__)

Work = Callable[[Job], Awaitable[dict[str, Any] | None]]
"""Does one task and returns its result: `{"summary": "…"}` and what else is worth keeping."""

# What can make a task claimable, or tell of one that is held: a dependency ends, a person answers.
TELLING_EVENTS = (
    *("task.created", "task.released", "task.retried", "task.updated", "task.completed", "task.cancelled"),
    *("task.failed", "gate.answered", "gate.expired"),
)
TIME_TO_RELEASE_S = 2.0
MOST_AT_ONCE = 100
"""Tasks in one claim."""
LONGEST_AHEAD_S = 1.0
"""How long a claim may wait for a slot; then another worker may have the task."""


LONGEST_ALARM_S = 60.0
"""Until a task may run; what comes later waits for a poll."""
ALARM_LATE_S = 0.02
"""The ledger's clock decides, and may be a little behind."""


class _Refused(Exception):
    """A claim brought no answer; the next may."""


class Worker:
    """Claims and works until `stop`.

    Args:
        ops: The ledger.
        agent: How it registers; a name is enough.
        work: Does one task.
        slots: How many tasks at once.
        lease_s: What a claim asks for; after this long without a heartbeat another may take the task.
        heartbeat_s: How often leases are renewed; a third of `lease_s` unless given.
        poll_s: How often to look for work without having heard of any.
        grace_s: How long running work may go on after `stop` before it is handed back.
        afterwards: Awaited after the end of each task, before its slot is free again.
        only_matching: Leave tasks that ask for no capability to others.
    """

    def __init__(
        self,
        ops: AgentOpsClient,
        agent: NewAgent | str,
        work: Work,
        *,
        slots: int = 1,
        lease_s: int = 60,
        heartbeat_s: float | None = None,
        poll_s: float = 5.0,
        grace_s: float = 10.0,
        afterwards: Callable[[], Awaitable[None]] | None = None,
        only_matching: bool = False,
    ) -> None:
        self._ops = ops
        self._agent = NewAgent(name=agent, kind="worker") if isinstance(agent, str) else agent
        self._work = work
        self._leases = Leases(ops, self._agent, lease_s=lease_s, heartbeat_s=heartbeat_s or lease_s / 3)
        self._slots = Slots(slots)
        self._lease_s = lease_s
        self._poll_s = poll_s
        self._grace_s = grace_s
        self._afterwards = afterwards
        self._only_matching = only_matching
        self._wake = asyncio.Event()
        self._stopping = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()

    def stop(self) -> None:
        """No more claims; what runs may finish for `grace_s`, the rest is handed back."""
        self._stopping.set()

    async def run(self) -> None:
        """Register, then work until `stop`; return when all work is finished or handed back.

        When cancelled, it stops first and is cancelled then.

        Raises:
            AgentOpsError: The ledger refuses this worker for good, as it does a wrong key.
        """
        running = asyncio.create_task(self._run())
        try:
            await asyncio.shield(running)
        except asyncio.CancelledError:
            self.stop()
            await asyncio.wait({running})
            raise

    async def _run(self) -> None:
        await self._register()
        claiming = asyncio.create_task(self._claim_for_ever())
        parts = (self._stopping.wait(), self._leases.keep(), self._listen())
        background = [claiming, *(asyncio.create_task(part) for part in parts)]
        try:
            await asyncio.wait(background, return_when=asyncio.FIRST_COMPLETED)
            await self._finish(claiming)
        finally:
            for task in (*background, *self._running):
                task.cancel()
            await asyncio.wait({*background, *self._running})
        for task in background:
            if not task.cancelled():
                task.result()

    async def _finish(self, claiming: asyncio.Task[None]) -> None:
        """Wait a little, then interrupt what still runs: a claim may be on its way, too."""
        log.info("worker.stopping tasks=%d", len(self._running))
        self._stopping.set()
        self._wake.set()
        for held in tuple(self._slots.ahead):
            self._hand_back(held, Interruption.STOPPING)
        await asyncio.wait({claiming, *self._running}, timeout=self._grace_s)
        self._leases.interrupt_all(Interruption.STOPPING)
        if self._running:
            await asyncio.wait(self._running, timeout=TIME_TO_RELEASE_S)

    async def _register(self) -> None:
        """Try until the ledger is there, or the worker is to stop.

        Raises:
            AgentOpsError: It refuses for good.
        """
        backoff, failures = Backoff(), 0
        while not self._stopping.is_set():
            try:
                await self._ops.register_agent(self._agent)
            except AgentOpsError as error:
                if not error.retryable:
                    raise
                log.warning("ledger.away code=%s", error.code)
                await self._pause(self._stopping, backoff.delay_s(failures))
                failures += 1
            else:
                log.info("agent.registered agent=%s", self._agent.name)
                return

    async def _claim_for_ever(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            room = self._slots.room()
            if room > 0:
                await self._claim(min(room, MOST_AT_ONCE))
            await self._pause(self._wake, self._slots.look_again_s(self._poll_s))

    async def _claim(self, n: int) -> None:
        """Raises Unauthenticated when the key has come to its end; all else may pass."""
        self._slots.plenty = False
        with suppress(_Refused), self._slots.expecting(n):
            self._taken(await self._claimed(n), n)

    async def _claimed(self, n: int) -> Sequence[Claim]:
        try:
            return await self._ops.claim_next(self._wish(n))
        except Unauthenticated:
            raise
        except AgentOpsError as error:
            log.warning("claim.failed agent=%s code=%s", self._agent.name, error.code)
            raise _Refused from error

    def _wish(self, n: int) -> ClaimNextRequest:
        return ClaimNextRequest(
            agent=self._agent.name,
            n=n,
            capabilities=self._agent.capabilities,
            lease_s=self._lease_s,
            only_matching=self._only_matching,
        )

    @contextmanager
    def _asking(self) -> Iterator[ClaimNextRequest | None]:
        """The next task with the end of one, unless another claim sees to the slot."""
        if self._stopping.is_set() or self._afterwards or self._slots.free() < 1:
            yield None
            return
        asked_at = self._now()
        with self._slots.expecting(1):
            yield self._wish(1)
        if self._now() - asked_at > self._lease_s / 2:
            self._leases.nudge()  # an answer that came at last may tell of a lease that has run out

    def _taken(self, claims: Sequence[Claim], n: int) -> None:
        self._slots.plenty = len(claims) >= n
        for claim in claims:
            self._take(claim)

    def _take(self, claim: Claim) -> None:
        held = Held(claim)
        self._leases.hold(held)
        if self._stopping.is_set():
            held.interrupt(Interruption.STOPPING)
            self._start(held)
        elif self._slots.full:
            self._slots.ahead.append(held)
            asyncio.get_running_loop().call_later(LONGEST_AHEAD_S, self._give_up, held)
        else:
            self._begin(held)

    def _begin(self, held: Held) -> None:
        self._slots.begin(held)
        self._start(held)

    def _give_up(self, held: Held) -> None:
        """No slot became free in time."""
        if held in self._slots.ahead:
            self._slots.rhythm.break_off()
            self._hand_back(held, Interruption.UNBEGUN)

    def _hand_back(self, held: Held, why: Interruption) -> None:
        self._slots.ahead.remove(held)
        held.interrupt(why)
        self._start(held)

    def _start(self, held: Held) -> None:
        task = asyncio.create_task(self._do(held), name=f"task-{held.claim.task.number}")
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _do(self, held: Held) -> None:
        next_one = Succession(lambda: self._worked(held), self._asking, lambda claims: self._taken(claims, 1))
        try:
            await Attempt(self._ops, held, self._work, lease_s=self._lease_s, succession=next_one).run()
            if self._afterwards and not self._stopping.is_set():
                await self._afterwards()
        except Exception:
            log.exception("task.unfinished task_id=%s epoch=%d", held.task_id, held.epoch)
        finally:
            self._leave(held)
            self._leases.drop(held)
            self._wake.set()

    def _worked(self, held: Held) -> None:
        """Its slot is free, unless something else is to come first."""
        if self._afterwards is None:
            self._leave(held)
            self._wake.set()

    def _leave(self, held: Held) -> None:
        """The slot is the next one's."""
        if (following := self._slots.leave(held)) is not None:
            self._begin(following)

    async def _listen(self) -> None:
        """Wake the loop on events; a cancellation of a held task is heard here within moments."""
        while True:
            # After an absence longer than events are kept: the poll has seen to what was missed.
            with suppress(CursorExpired):
                here = await self._cursor()
                self._wake.set()  # what came before it was told to nobody
                async with aclosing(self._ops.subscribe(*TELLING_EVENTS, after=here)) as events:
                    async for event in events:
                        if self._slots.concerns(event.task_id):  # not by the event of an end that is its own
                            self._leases.nudge()
                        self._wake.set()
                        self._wake_later(event.payload.get("run_after"))

    def _wake_later(self, run_after: object) -> None:
        """No event tells that a task's time has come; a time far off is the poll's."""
        if not isinstance(run_after, str):
            return
        wait_s = (datetime.fromisoformat(run_after) - datetime.now(UTC)).total_seconds()
        if 0 < wait_s <= LONGEST_ALARM_S:
            asyncio.get_running_loop().call_later(wait_s + ALARM_LATE_S, self._wake.set)

    async def _cursor(self) -> str | None:
        """Of now; None while the ledger is away."""
        try:
            return (await self._ops.list_events(after=None)).cursor
        except AgentOpsError as error:
            if not error.retryable:
                raise
            return None

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()

    @staticmethod
    async def _pause(until: asyncio.Event, longest_s: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(longest_s):
                await until.wait()
