"""What half a sentence created, and the whole one takes back: it was never confirmed, nor wanted."""

import asyncio

import structlog

from agentops import AgentOpsClient
from agentops.errors import AgentOpsError
from agentops.wire import Cancel, TaskId
from gateway.phone.exchanges import Exchange
from gateway.session.turns import Action

_REASON = "The caller had not finished the sentence."

log = structlog.get_logger(__name__)


class SecondThoughts:
    """Cancels the tasks of replaced exchanges."""

    def __init__(self, ops: AgentOpsClient) -> None:
        self._ops = ops
        self._cancelled: set[str] = set()
        self._waiting: set[asyncio.Task[None]] = set()

    async def take_back(self, replaced: Exchange) -> None:
        """Cancel what it created: at once, or when its answer comes to tell."""
        replaced.replaced = True
        if replaced.answer.reply is not None:
            await self._undo(replaced)
            return
        task = asyncio.create_task(self._undo_later(replaced))
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)

    async def settled(self) -> None:
        """Until all is taken back whose answers are here."""
        if self._waiting:
            await asyncio.wait(self._waiting)

    def stop(self) -> None:
        """Wait for no more answers."""
        for task in self._waiting:
            task.cancel()

    def stands(self, action: Action) -> bool:
        """Whether it is still so: what nobody could take back any more is."""
        return action.entity_id not in self._cancelled

    async def _undo_later(self, replaced: Exchange) -> None:
        await replaced.answer.finished()
        await self._undo(replaced)

    async def _undo(self, replaced: Exchange) -> None:
        reply = replaced.answer.reply
        for action in reply.actions if reply else ():
            if action.type == "task.created":
                await self._cancel(TaskId(action.entity_id))

    async def _cancel(self, task_id: TaskId) -> None:
        try:
            await self._ops.cancel(task_id, Cancel(reason=_REASON))
        except AgentOpsError as error:
            log.warning("call.not_taken_back", task_id=task_id, code=error.code)
        else:
            self._cancelled.add(task_id)
