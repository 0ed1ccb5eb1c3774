"""The worker's loop: hear of work, claim as much as there is room for, do it side by side."""

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager, suppress
from typing import Any

from agentops.client import AgentOpsClient
from agentops.errors import AgentOpsError, CursorExpired, Unauthenticated
from agentops.retry import Backoff
from agentops.wire import Claim, ClaimNextRequest, NewAgent
from agentops.worker.attempt import Attempt
from agentops.worker.job import Job
from agentops.worker.leases import Held, Interruption, Leases

log = logging.getLogger(__name__)

Work = Callable[[Job], Awaitable[dict[str, Any] | None]]
"""Does one task and returns its result: `{"summary": "…"}` and what else is worth keeping."""

# What can make a task claimable, or tell of one that is held: a dependency ends, a person answers.
TELLING_EVENTS = (
    *("task.created", "task.released", "task.retried", "task.updated", "task.completed", "task.cancelled"),
    *("task.failed", "gate.answered", "gate.expired"),
)
TIME_TO_RELEASE_S = 2.0


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
        if slots < 1:
            raise ValueError("slots must be 1 or more")
        self._ops = ops
        self._agent = NewAgent(name=agent, kind="worker") if isinstance(agent, str) else agent
        self._work = work
        self._leases = Leases(ops, self._agent, lease_s=lease_s, heartbeat_s=heartbeat_s or lease_s / 3)
        self._slots = slots
        self._lease_s = lease_s
        self._poll_s = poll_s
        self._grace_s = grace_s
        self._afterwards = afterwards
        self._only_matching = only_matching
        self._wake = asyncio.Event()
        self._stopping = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()
        self._ending: set[Held] = set()
        """Claims whose work has stopped: while the ledger hears of it, the next is claimed."""

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
            free = self._slots - len(self._running) + len(self._ending)
            for claim in await self._claim(free) if free > 0 else ():
                self._begin(claim)
            await self._pause(self._wake, self._poll_s)

    async def _claim(self, free: int) -> Sequence[Claim]:
        """Raises Unauthenticated when the key has come to its end; all else may pass."""
        wish = ClaimNextRequest(
            agent=self._agent.name,
            n=min(free, 100),
            capabilities=self._agent.capabilities,
            lease_s=self._lease_s,
            only_matching=self._only_matching,
        )
        try:
            return await self._ops.claim_next(wish)
        except Unauthenticated:
            raise
        except AgentOpsError as error:
            log.warning("claim.failed agent=%s code=%s", self._agent.name, error.code)
            return ()

    def _begin(self, claim: Claim) -> None:
        held = Held(claim)
        self._leases.hold(held)
        task = asyncio.create_task(self._do(held), name=f"task-{claim.task.number}")
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _do(self, held: Held) -> None:
        try:
            await Attempt(self._ops, held, self._work, lease_s=self._lease_s).run(lambda: self._worked(held))
            if self._afterwards and not self._stopping.is_set():
                await self._afterwards()
        except Exception:
            log.exception("task.unfinished task_id=%s epoch=%d", held.task_id, held.epoch)
        finally:
            self._ending.discard(held)
            self._leases.drop(held)
            self._wake.set()

    def _worked(self, held: Held) -> None:
        """Its slot is free, unless something else is to come first."""
        if self._afterwards is None and not self._stopping.is_set():
            self._ending.add(held)
            self._wake.set()

    async def _listen(self) -> None:
        """Wake the loop on events; a cancellation of a held task is heard here within moments."""
        while True:
            # After an absence longer than events are kept: the poll has seen to what was missed.
            with suppress(CursorExpired):
                async with aclosing(self._ops.subscribe(*TELLING_EVENTS)) as events:
                    async for event in events:
                        if event.task_id in self._leases:
                            self._leases.nudge()
                        self._wake.set()

    @staticmethod
    async def _pause(until: asyncio.Event, longest_s: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(longest_s):
                await until.wait()


async def run_worker(ops: AgentOpsClient, agent: NewAgent | str, work: Work, **options: Any) -> None:
    """Run a worker until SIGTERM, SIGINT or cancellation; what it holds is then finished or handed back.

        async def work(job: Job) -> dict[str, Any]:
            name = job.ask("Whom shall I greet?")
            return {"summary": f"Hello {name}"}

        await run_worker(ops, "greeter", work, slots=4)

    What the work does is what becomes of the task: it returns (completed), raises `GiveUp` (failed), raises
    `TryAgain` or anything else (tried again while attempts are left) or asks (blocked until there is an
    answer). When the person cancels the task, or the lease is lost, the work is cancelled as asyncio cancels:
    clean up in `finally`.

    Args:
        ops: The ledger, with a key of scope agent.
        agent: How it registers; a name is enough. Its capabilities say which tasks it takes.
        work: Does one task.
        **options: Those of `Worker`: `slots`, `lease_s`, `heartbeat_s`, `poll_s`, `grace_s`…

    Raises:
        AgentOpsError: The ledger refuses this worker for good, as it does a wrong key.
    """
    worker = Worker(ops, agent, work, **options)
    with _stopped_by_signals(worker):
        await worker.run()


@contextmanager
def _stopped_by_signals(worker: Worker) -> Iterator[None]:
    """Where there are signals: on Windows and outside the main thread there are none."""
    loop, taken = asyncio.get_running_loop(), []
    with suppress(NotImplementedError, ValueError, RuntimeError):
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, worker.stop)
            taken.append(number)
    try:
        yield
    finally:
        for number in taken:
            loop.remove_signal_handler(number)
