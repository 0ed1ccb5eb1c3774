"""The worker's loop: hear of work, claim as much as there is room for, work on it side by side."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing, suppress

import structlog

from agentops import AgentOpsClient, AgentOpsError, Backoff
from agentops.wire import Claim, ClaimNextRequest, NewAgent
from brain.seed.leases import Held, Interruption, Leases
from brain.seed.work import Work

log = structlog.get_logger(__name__)

# What can make a task claimable, or tell of one that is held: a dependency ends, a person answers.
_TELLING_EVENTS = (
    *("task.created", "task.released", "task.retried", "task.updated", "task.completed", "task.cancelled"),
    *("task.failed", "gate.answered", "gate.expired"),
)
_TIME_TO_FINISH_S = 0.8
_TIME_TO_STOP_S = 1.6


class Worker:
    """Claims and works until `stop`.

    Args:
        ops: The ledger.
        agent: How it registers.
        work: Does one claim.
        leases: Keeps them.
        slots: How many tasks at once.
        lease_s: What a claim asks for.
        poll_s: How often to look without having heard of anything.
    """

    def __init__(
        self,
        ops: AgentOpsClient,
        agent: NewAgent,
        work: Work,
        leases: Leases,
        *,
        slots: int,
        lease_s: int,
        poll_s: float,
    ) -> None:
        self._ops = ops
        self._agent = agent
        self._work = work
        self._leases = leases
        self._slots = slots
        self._lease_s = lease_s
        self._poll_s = poll_s
        self._wake = asyncio.Event()
        self._stopping = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()

    def stop(self) -> None:
        """No more claims; what is nearly done may finish, the rest is handed back."""
        self._stopping.set()

    async def run(self) -> None:
        """Registers, then works until `stop`; returns when all work has been finished or handed back.

        Raises:
            AgentOpsError: the ledger refuses this worker for good, as it does a wrong key.
        """
        background = [asyncio.create_task(self._leases.keep()), asyncio.create_task(self._listen())]
        claiming = asyncio.create_task(self._claim_for_ever())
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({stopping, claiming, *background}, return_when=asyncio.FIRST_COMPLETED)
            await self._finish(claiming)
        finally:
            for task in (claiming, stopping, *background, *self._running):
                task.cancel()
            await asyncio.wait({claiming, stopping, *background, *self._running})
        for task in (claiming, *background):
            if not task.cancelled():
                task.result()

    async def _finish(self, claiming: asyncio.Task[None]) -> None:
        """Ends within about two seconds: waits a little, then interrupts."""
        log.info("worker.stopping", tasks=len(self._running))
        self._stopping.set()
        self._wake.set()
        await asyncio.wait({claiming, *self._running}, timeout=_TIME_TO_FINISH_S)
        self._leases.interrupt_all(Interruption.STOPPING)
        if self._running:
            await asyncio.wait(self._running, timeout=_TIME_TO_STOP_S)

    async def _claim_for_ever(self) -> None:
        await self._register()
        while not self._stopping.is_set():
            self._wake.clear()
            free = self._slots - len(self._running)
            for claim in await self._claim(free) if free else ():
                self._begin(claim)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._poll_s):
                    await self._wake.wait()

    async def _register(self) -> None:
        """Tries until the ledger is there.

        Raises:
            AgentOpsError: it refuses for good.
        """
        backoff, failures = Backoff(), 0
        while True:
            try:
                await self._ops.register_agent(self._agent)
            except AgentOpsError as error:
                if not error.retryable:
                    raise
                log.warning("ledger.away", code=error.code)
                await asyncio.sleep(backoff.delay_s(failures))
                failures += 1
            else:
                log.info("agent.registered", agent=self._agent.name, capabilities=self._agent.capabilities)
                return

    async def _claim(self, free: int) -> Sequence[Claim]:
        wish = ClaimNextRequest(
            agent=self._agent.name, n=free, capabilities=self._agent.capabilities, lease_s=self._lease_s
        )
        try:
            return await self._ops.claim_next(wish)
        except AgentOpsError as error:
            log.warning("claim.failed", code=error.code)
            return ()

    def _begin(self, claim: Claim) -> None:
        held = Held(claim)
        self._leases.hold(held)
        task = asyncio.create_task(self._do(held), name=f"task-{claim.task.number}")
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _do(self, held: Held) -> None:
        try:
            await self._work.do(held)
        except Exception:
            log.exception("task.broken", task_id=held.task_id, epoch=held.epoch)
        finally:
            self._leases.drop(held)
            self._wake.set()

    async def _listen(self) -> None:
        """Wakes the loop on events; a cancellation of a held task is heard here within moments."""
        async with aclosing(self._ops.subscribe(*_TELLING_EVENTS)) as events:
            async for event in events:
                if event.task_id in self._leases:
                    self._leases.nudge()
                self._wake.set()
