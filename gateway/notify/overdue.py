"""Work that is late: told once, when its date has passed, without a sound."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from agentops import AgentOpsClient
from agentops.wire import LATE, Task, TaskSort, TaskStatus
from gateway.errors import InvalidSessionId
from gateway.notify.audience import Audience
from gateway.notify.holding import Holding
from gateway.notify.planning import plan
from gateway.session.names import session_id
from gateway.session.turns import Notice

_OPEN: Final = [TaskStatus.PENDING, TaskStatus.IN_PROGRESS, TaskStatus.BLOCKED]
_NO_NEWS: Final = timedelta(days=1)
"""What has been late for longer is in the brief; a gateway that was away does not tell all of it at once."""
_MOST = 200


class Overdue:
    """Looks for it. Any number of gateways may: a notice is told once."""

    def __init__(
        self, ops: AgentOpsClient, holding: Holding, audience: Audience, *, clock: Callable[[], datetime]
    ) -> None:
        self._ops = ops
        self._holding = holding
        self._audience = audience
        self._clock = clock

    async def look(self) -> None:
        """Tell what has become late.

        Raises:
            AgentOpsError: The ledger does not answer just now.
        """
        now = self._clock()
        page = await self._ops.list_tasks(status=_OPEN, due_before=now, sort=TaskSort.DUE, limit=_MOST)
        for task in page.items:
            if task.due_at is not None and now - task.due_at < _NO_NEWS:
                await self._tell(task, task.due_at, now)

    async def _tell(self, task: Task, due_at: datetime, now: datetime) -> None:
        try:
            session = session_id(task.origin or "")
        except InvalidSessionId:
            return
        recipient = await self._audience.of(session)
        planned = plan(LATE, recipient.preferences, recipient.zone, now)
        if planned is None:
            return
        notice = Notice(
            # With its date: put off, and late again, it is news again.
            id=f"notice-overdue-{task.id}-{due_at:%Y%m%d%H%M}",
            session_id=session,
            kind=LATE,
            text=f"Task {task.number} “{task.title}” is late: {_STANDS[task.status]}.",
            task_id=task.id,
            ring=planned.ring,
            at=now,
        )
        await self._holding.place(notice, recipient, planned, now)


_STANDS: Final = {
    TaskStatus.PENDING: "nobody has begun it yet",
    TaskStatus.IN_PROGRESS: "it is being worked on",
    TaskStatus.BLOCKED: "it waits for your answer",
}
