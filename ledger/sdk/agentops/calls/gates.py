"""Gates: what waits for the person."""

from agentops.calls.base import Calls
from agentops.requests import path_of
from agentops.wire import Gate, GateAnswer, GateId, GateStatus, Page, TaskId


class GateCalls(Calls):
    """`/gates`."""

    async def list_gates(
        self, *, status: GateStatus | None = None, task_id: TaskId | None = None
    ) -> list[Gate]:
        """Gates, of one status or one task or all."""
        return await self._all("/gates", Page[Gate], {"status": status, "task_id": task_id})

    async def get_gate(self, gate_id: GateId) -> Gate:
        """One gate.

        Raises:
            GateNotFound: There is none with this id.
        """
        return await self._transport.get(path_of("gates", gate_id), Gate)

    async def answer_gate(
        self, gate_id: GateId, answer: GateAnswer, *, idempotency_key: str | None = None
    ) -> Gate:
        """Answer; the task is pending again and its next worker sees the answer.

        Raises:
            GateClosed: It was answered already, or has expired.
        """
        path = path_of("gates", gate_id, "answer")
        return await self._transport.post(path, Gate, answer, key=idempotency_key)
