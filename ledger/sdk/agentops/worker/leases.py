"""The leases that are held, and the one heartbeat that keeps them all."""

import asyncio
import logging
from dataclasses import dataclass, field
from enum import StrEnum

from agentops.client import AgentOpsClient
from agentops.errors import AgentNotFound, AgentOpsError
from agentops.wire import AgentHeartbeat, AgentHeartbeatResult, Claim, HeldLease, NewAgent, TaskId

log = logging.getLogger(__name__)

SOONEST_AGAIN_S = 1.0
"""Between heartbeats that failed."""
MOST_AT_ONCE = 100
"""Leases in one heartbeat, as the ledger takes them."""


class Interruption(StrEnum):
    """Why work stops before its end."""

    LOST = "lost"
    """Another holds the lease, or nobody: write nothing more."""
    CANCELLED = "cancelled"
    """The person does not want it any more."""
    PAUSED = "paused"
    """Everything is paused by hand."""
    STOPPING = "stopping"
    """This worker is about to end."""
    UNBEGUN = "unbegun"
    """It was claimed for a slot that did not become free in time."""


@dataclass(eq=False)
class Held:
    """One claim that is worked on."""

    claim: Claim
    interruption: Interruption | None = None
    interrupted: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def task_id(self) -> TaskId:
        """The task's."""
        return self.claim.task.id

    @property
    def epoch(self) -> int:
        """What every write for this claim carries."""
        return self.claim.epoch

    def interrupt(self, why: Interruption) -> None:
        """Stop the work. The first reason stands, save that a lost lease overrides all."""
        if self.interruption is None or why is Interruption.LOST:
            self.interruption = why
            self.interrupted.set()


class Leases:
    """Keeps a worker online and its leases alive.

    Args:
        ops: The ledger.
        agent: How the worker registers, and registers again if the ledger has forgotten it.
        lease_s: What each heartbeat asks for.
        heartbeat_s: How often.
    """

    def __init__(self, ops: AgentOpsClient, agent: NewAgent, *, lease_s: int, heartbeat_s: float) -> None:
        self._ops = ops
        self._agent = agent
        self._lease_s = lease_s
        self._heartbeat_s = heartbeat_s
        self._held: dict[TaskId, Held] = {}
        self._nudged = asyncio.Event()

    def __len__(self) -> int:
        return len(self._held)

    def __contains__(self, task_id: object) -> bool:
        return task_id in self._held

    def hold(self, held: Held) -> None:
        """Keep this lease from now on; an older claim of the same task is lost."""
        if older := self._held.get(held.task_id):
            older.interrupt(Interruption.LOST)
        self._held[held.task_id] = held

    def drop(self, held: Held) -> None:
        """Keep it no longer."""
        if self._held.get(held.task_id) is held:
            del self._held[held.task_id]

    def nudge(self) -> None:
        """Ask the ledger at once: something about a held task has changed."""
        self._nudged.set()

    def interrupt_all(self, why: Interruption) -> None:
        """Stop all work."""
        for held in list(self._held.values()):
            held.interrupt(why)

    async def keep(self) -> None:
        """Send heartbeats until cancelled. While the ledger is away the work goes on: it is the judge."""
        while True:
            self._nudged.clear()
            wait_s = self._heartbeat_s if await self._beat() else min(SOONEST_AGAIN_S, self._heartbeat_s)
            try:
                async with asyncio.timeout(wait_s):
                    await self._nudged.wait()
            except TimeoutError:
                continue

    async def _beat(self) -> bool:
        held = [HeldLease(task_id=held.task_id, epoch=held.epoch) for held in self._held.values()]
        batches = [held[start : start + MOST_AT_ONCE] for start in range(0, len(held), MOST_AT_ONCE)]
        return all([await self._beat_for(batch) for batch in batches or [[]]])

    async def _beat_for(self, leases: list[HeldLease]) -> bool:
        beat = AgentHeartbeat(leases=leases, lease_s=self._lease_s)
        try:
            told = await self._ops.agent_heartbeat(self._agent.name, beat)
        except AgentNotFound:
            return await self._register_again()
        except AgentOpsError as error:
            log.warning(
                "heartbeat.failed agent=%s leases=%d code=%s", self._agent.name, len(leases), error.code
            )
            return False
        self._heed(told, leases)
        return True

    async def _register_again(self) -> bool:
        try:
            await self._ops.register_agent(self._agent)
        except AgentOpsError as error:
            log.warning("agent.unregistered agent=%s code=%s", self._agent.name, error.code)
        return False

    def _heed(self, told: AgentHeartbeatResult, sent: list[HeldLease]) -> None:
        """Only for claims that the heartbeat was about: the same task may have been claimed anew since."""
        if told.paused:
            self.interrupt_all(Interruption.PAUSED)
        epochs = {lease.task_id: lease.epoch for lease in sent}
        for task_ids, why in ((told.lost, Interruption.LOST), (told.cancel, Interruption.CANCELLED)):
            for task_id in task_ids:
                held = self._held.get(task_id)
                if held and held.epoch == epochs.get(task_id):
                    held.interrupt(why)
