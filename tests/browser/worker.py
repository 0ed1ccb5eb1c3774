"""Work as an agent does it, step by step, so that a test can look in between."""

from typing import Literal

from agentops import AgentOpsClient
from agentops.wire import (
    Artifact,
    Block,
    Claim,
    ClaimRequest,
    Complete,
    Fail,
    GateKind,
    Heartbeat,
    NewAgent,
    Task,
)


class Worker:
    """One agent that holds one task at a time."""

    def __init__(self, ops: AgentOpsClient, name: str = "seed-1") -> None:
        self._ops = ops
        self.name = name
        self._claim: Claim | None = None

    async def register(self) -> None:
        """Report for work."""
        await self._ops.register_agent(NewAgent(name=self.name))

    async def take(self, task: Task) -> None:
        """Claim a task."""
        now = await self._ops.get_task(task.id)
        self._claim = await self._ops.claim(task.id, ClaimRequest(agent=self.name, version=now.version))

    async def progress(self, progress: float, note: str) -> None:
        """Say how far it is."""
        claim = self._held
        beat = Heartbeat(epoch=claim.epoch, progress=progress, note=note)
        await self._ops.heartbeat(claim.task.id, beat)

    async def make(
        self, name: str, media_type: str, content: bytes, *, kind: Literal["output", "record"] = "output"
    ) -> Artifact:
        """Store an output, or what is none."""
        claim = self._held
        return await self._ops.upload(
            name, content, media_type=media_type, task_id=claim.task.id, epoch=claim.epoch, kind=kind
        )

    async def ask(self, question: str, *options: str, kind: GateKind = GateKind.QUESTION) -> None:
        """Block with a question."""
        claim = self._held
        block = Block(epoch=claim.epoch, question=question, kind=kind, options=list(options))
        await self._ops.block(claim.task.id, block)

    async def finish(self, summary: str) -> None:
        """Complete."""
        claim = self._held
        await self._ops.complete(claim.task.id, Complete(epoch=claim.epoch, result={"summary": summary}))

    async def give_up(self, error: str) -> None:
        """Fail for good."""
        claim = self._held
        await self._ops.fail(claim.task.id, Fail(epoch=claim.epoch, error=error, retryable=False))

    @property
    def _held(self) -> Claim:
        assert self._claim is not None
        return self._claim
