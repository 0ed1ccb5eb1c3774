"""The brief: how things stand, in a few lines, from the ledger alone. Every morning and on demand."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import structlog

from agentops import AgentOpsClient
from agentops.wire import PersonId, Task, TaskSort, TaskStatus
from gateway.notify.audience import Audience, Recipient
from gateway.notify.teller import Teller
from gateway.notify.timers import Due, Timers
from gateway.notify.times import next_time
from gateway.session.turns import Notice, SessionId

BRIEF: Final = "brief"
_BREATH_S = 0.02
"""Between two people's plans: whoever talks meanwhile does not wait for all of them."""
_DAY = timedelta(days=1)
_MOST = 5
_PAGE = 200

log = structlog.get_logger(__name__)


class Briefs:
    """Gives everybody their brief at their hour."""

    def __init__(
        self,
        timers: Timers,
        ops: AgentOpsClient,
        *,
        teller: Teller,
        audience: Audience,
        main: SessionId,
        clock: Callable[[], datetime],
    ) -> None:
        self._timers = timers
        self._ops = ops
        self._teller = teller
        self._audience = audience
        self._main = main
        self._clock = clock

    async def plan(self) -> None:
        """Set everybody's next brief by their present preferences.

        Raises:
            AgentOpsError: The ledger does not answer just now.
        """
        async for recipient in self._audience.people():
            if recipient.person is None:
                continue
            await asyncio.sleep(_BREATH_S)
            timer = f"{BRIEF}|{recipient.person.id}"
            at = recipient.preferences.brief_at
            if at is None:
                await self._timers.cancel(timer)
            else:
                await self._timers.set(timer, next_time(at, recipient.zone, self._clock()))

    async def give(self, due: Due) -> None:
        """Tell the brief that is due, and set the next one.

        Raises:
            AgentOpsError: The ledger does not answer just now.
        """
        wanted = due.timer.removeprefix(f"{BRIEF}|")
        now = self._clock()
        recipient = await self._audience.person(PersonId(wanted))
        if recipient is None or recipient.preferences.brief_at is None:
            await self._timers.done(due)
            return
        day = now.astimezone(recipient.zone).date()
        notice = Notice(
            id=f"notice-brief-{wanted}-{day.isoformat()}",
            session_id=recipient.session_id,
            kind=BRIEF,
            text=await self.text(recipient, now),
            at=now,
        )
        await self._teller.tell(notice, recipient)
        await self._timers.done(due, again=next_time(recipient.preferences.brief_at, recipient.zone, now))

    async def now(self, session: SessionId) -> str:
        """The brief of this moment for a session.

        Raises:
            AgentOpsError: The ledger does not answer just now.
        """
        return await self.text(await self._audience.of(session), self._clock())

    async def text(self, recipient: Recipient, now: datetime) -> str:
        """The brief of this moment.

        Raises:
            AgentOpsError: The ledger does not answer just now.
        """
        origin = None if recipient.session_id == self._main else recipient.session_id
        open_ones = await self._tasks(origin, TaskStatus.BLOCKED, TaskStatus.IN_PROGRESS, TaskStatus.PENDING)
        ended = await self._tasks(origin, TaskStatus.COMPLETED, TaskStatus.FAILED, since=now - _DAY)
        return brief_text(open_ones, ended, now, recipient)

    async def _tasks(
        self, origin: str | None, *status: TaskStatus, since: datetime | None = None
    ) -> list[Task]:
        page = await self._ops.list_tasks(
            status=status, origin=origin, updated_since=since, sort=TaskSort.UPDATED, limit=_PAGE
        )
        return list(page.items)


def brief_text(open_ones: list[Task], ended: list[Task], now: datetime, recipient: Recipient) -> str:
    """The words. Pure, and the same for the same ledger."""
    local = now.astimezone(recipient.zone)
    midnight = (local + _DAY).replace(hour=0, minute=0, second=0, microsecond=0)
    due = [task for task in open_ones if task.due_at is not None and task.due_at < midnight]
    sections = (
        ("Waits for you", [task for task in open_ones if task.status is TaskStatus.BLOCKED]),
        ("Due today or late", due),
        ("Running", [task for task in open_ones if task.status is TaskStatus.IN_PROGRESS]),
        ("Waiting to start", [task for task in open_ones if task.status is TaskStatus.PENDING]),
        ("Failed since yesterday", [task for task in ended if task.status is TaskStatus.FAILED]),
        ("Done since yesterday", [task for task in ended if task.status is TaskStatus.COMPLETED]),
    )
    lines = [line for title, tasks in sections for line in _section(title, tasks)]
    head = f"Brief for {local:%A}, {local.day} {local:%B}."
    return (
        "\n".join([head, *lines]) if lines else f"{head}\nNothing is open, and nothing ended since yesterday."
    )


def _section(title: str, tasks: list[Task]) -> list[str]:
    if not tasks:
        return []
    named = [f"• {task.title} (task {task.number})" for task in tasks[:_MOST]]
    more = [f"• … and {len(tasks) - _MOST} more"] if len(tasks) > _MOST else []
    count = f"{len(tasks)} or more" if len(tasks) >= _PAGE else str(len(tasks))
    return [f"{title}: {count}", *named, *more]
