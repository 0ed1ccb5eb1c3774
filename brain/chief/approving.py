"""Doing what was approved by a button, whoever pressed it and whatever the chief talks of meanwhile."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog

from agentops import AgentOpsClient, AgentOpsError
from agentops.errors import Conflict, NotFound
from agentops.wire import Claim, ClaimRequest, Complete, Fail, Gate, Release, Task, TaskId, TaskStatus
from brain.chief.approvals import AGENT, CAPABILITY, Deed, block, deed_of
from brain.chief.tools import Toolbox
from brain.chief.tools.confirming import run_tool
from brain.chief.words import says_yes
from brain.chief.work import TurnWork
from brain.rows import Outcome

_LOOK_EVERY_S = 60.0
_AFTER_A_FAULT_S = 2.0
_LEASE_S = 120
_LOOKED_THROUGH = 200

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Approvals:
    """Carries out deeds whose gate was answered. Any number of chiefs may: the claim picks one."""

    ops: AgentOpsClient
    tools: Toolbox
    clock: Callable[[], datetime]

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._look_for_ever())
            group.create_task(self._listen_for_ever())

    async def settle(self, task: Task) -> None:
        """Do, or leave, what this task is about, if its gate was answered.

        Raises:
            AgentOpsError: The ledger is away; it is looked at again later.
        """
        deed = deed_of(task)
        if deed is None or task.status is not TaskStatus.PENDING:
            return
        try:
            claim = await self.ops.claim(
                task.id, ClaimRequest(agent=AGENT, version=task.version, lease_s=_LEASE_S)
            )
        except Conflict:
            return  # another chief has it
        answered = [gate for gate in claim.answers if gate.answer is not None]
        if not answered:
            await self._ask_again(claim, deed)
        elif not _approves(answered[-1]):
            await self._complete(claim, f"Not approved, so nothing was done: {deed.question}")
        else:
            await self._do(claim, deed)

    async def _do(self, claim: Claim, deed: Deed) -> None:
        outcome = await run_tool(
            self.tools.named(deed.tool), deed.arguments, _state(claim.task, deed, self.clock)
        )
        if outcome.error is not None:
            fail = Fail(epoch=claim.epoch, error=f"Approved, but: {outcome.error.detail}", retryable=False)
            await self.ops.fail(claim.task.id, fail)
            log.warning("deed.failed", task_id=claim.task.id, tool=deed.tool, code=outcome.error.code)
            return
        await self._complete(claim, f"Approved and done: {_done(outcome, deed)}")
        log.info("deed.done", task_id=claim.task.id, tool=deed.tool)

    async def _complete(self, claim: Claim, summary: str) -> None:
        await self.ops.complete(claim.task.id, Complete(epoch=claim.epoch, result={"summary": summary}))

    async def _ask_again(self, claim: Claim, deed: Deed) -> None:
        """A chief that was killed had claimed it before it could ask."""
        released = await self.ops.release(claim.task.id, Release(epoch=claim.epoch))
        await block(self.ops, released, deed.question)

    async def _look_for_ever(self) -> None:
        while True:
            await self._safely(self._look)
            await asyncio.sleep(_LOOK_EVERY_S)

    async def _look(self) -> None:
        page = await self.ops.list_tasks(status=[TaskStatus.PENDING], limit=_LOOKED_THROUGH)
        for task in page.items:
            if CAPABILITY in task.capabilities:
                await self.settle(task)

    async def _listen_for_ever(self) -> None:
        while True:
            await self._safely(self._listen)
            await asyncio.sleep(_AFTER_A_FAULT_S)

    async def _listen(self) -> None:
        async with aclosing(_answered(self.ops)) as answered:
            async for task_id in answered:
                await self._safely(partial(self._settle_by_id, task_id))

    async def _settle_by_id(self, task_id: TaskId) -> None:
        try:
            await self.settle(await self.ops.get_task(task_id))
        except NotFound:
            return

    async def _safely(self, act: Callable[[], Awaitable[None]]) -> None:
        try:
            await act()
        except AgentOpsError as away:
            log.warning("approvals.interrupted", code=away.code)
        except Exception:
            log.exception("approvals.failed")


async def _answered(ops: AgentOpsClient) -> AsyncGenerator[TaskId]:
    async for event in ops.subscribe("gate.answered"):
        if event.task_id is not None:
            yield event.task_id


def _approves(gate: Gate) -> bool:
    words = (gate.answer or "").casefold().split()
    return bool(words) and (says_yes(gate.answer or "") or words[0].startswith("approv"))


def _state(task: Task, deed: Deed, clock: Callable[[], datetime]) -> dict[str, object]:
    work = TurnWork(
        turn_id=f"approved-{task.id}",
        session_id=deed.session_id,
        role=deed.role,
        person=deed.person,
        clock=clock,
        approved=True,
    )
    return {"work": work, "agent": None}


def _done(outcome: Outcome, deed: Deed) -> str:
    return f"message sent {outcome.told}" if outcome.done == "message.sent" else deed.question.rstrip("?")
