"""Having somebody rung by telephone when a task ends, or asks something."""

from typing import Any

import structlog
from strands import ToolContext, tool

from agentops import AgentOpsError
from agentops.wire import Attention, Person, PersonId, Preferences, Task, TaskStatus
from brain.chief import reading
from brain.chief.errors import ToolRefused
from brain.chief.tools.base import Desk, owners_only, told, work_of
from brain.chief.tools.sending import named
from brain.chief.work import TurnWork
from brain.rows import Outcome
from gateway.session.call_wishes import CallWish, CallWishes

_ENDED = (TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.CANCELLED)
_AT_ONCE = (Attention.RING, Attention.SILENT)

log = structlog.get_logger(__name__)


class CallingTools:
    """Wishes to be called."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def all(self) -> list[Any]:
        """As `Agent(tools=…)` takes them."""
        return [self.call_when_done] if self._desk.calls is not None else []

    @tool(context=True)
    async def call_when_done(
        self, tool_context: ToolContext, number: int, person: str | None = None, call: bool = True
    ) -> dict[str, Any]:
        """Have the person rung by telephone when a task is done or has failed, and when it asks something.

        Args:
            number: The task's number.
            person: Somebody else who is to be rung instead, by name.
            call: False takes an earlier wish back.
        """
        work = work_of(tool_context)

        async def wish() -> Outcome:
            calls = self._desk.calls
            if calls is None:
                raise ToolRefused("no_telephone", "I have no telephone here, so I cannot call anybody.")
            task = await self._desk.ops.find_task(number)
            whom = await self._whom(work, person)
            if not call:
                await calls.drop(task.id, whom.id)
                return await self._row("call.dropped", task, None)
            number_of_theirs = await self._reached(calls, whom, task)
            await calls.add(task.id, CallWish(person_id=whom.id, at=work.clock()))
            await self._not_too_late(calls, task, whom)
            log.info("call.wished", task_id=task.id, person_id=whom.id)
            return await self._row("call.planned", task, await self._how(whom, number_of_theirs))

        return await told(tool_context, wish)

    async def _whom(self, work: TurnWork, name: str | None) -> Person:
        if name is not None and name.strip().casefold() not in ("", "me", "myself"):
            owners_only(work, "have somebody else called")
            return named(await self._desk.people.all(), name)
        if work.person_id is None:
            raise ToolRefused("no_number", f"I do not know your number. {_LINK} Then ask me again.")
        return await self._desk.ops.get_person(PersonId(work.person_id))

    async def _reached(self, calls: CallWishes, whom: Person, task: Task) -> str:
        """Their number, if they can be rung for this task."""
        if task.status in _ENDED:
            raise ToolRefused(
                "already_ended", f"Task {task.number}, “{task.title}”, is {task.status.value} already."
            )
        if not await calls.has_telephone():
            instead = await self._instead(whom)
            raise ToolRefused("no_telephone", f"I have no telephone yet, so I cannot call. {instead}")
        number = next(
            (one.address for one in whom.contacts if one.channel == "phone" and one.verified_at), None
        )
        if number is None:
            instead = await self._instead(whom)
            raise ToolRefused("no_number", f"I know no proven number of {whom.name}. {_LINK} {instead}")
        return number

    async def _not_too_late(self, calls: CallWishes, task: Task, whom: Person) -> None:
        """Whoever tells of a task's end may have looked for wishes just before this one was there."""
        if (await self._desk.ops.get_task(task.id)).status in _ENDED and await calls.of(task.id):
            await calls.drop(task.id, whom.id)
            raise ToolRefused("already_ended", f"Task {task.number}, “{task.title}”, has just ended.")

    async def _instead(self, whom: Person) -> str:
        """What else they hear of it by."""
        telegram = any(one.channel == "telegram" and one.verified_at for one in whom.contacts)
        where = "on Telegram" if telegram else "here"
        wanted = await self._preferences(whom)
        if wanted is None or wanted.attention_to("task.completed") in _AT_ONCE:
            return f"I will write {where} when it is done."
        return f"I can write {where} instead: /notify on Telegram switches that on."

    async def _how(self, whom: Person, number: str) -> str:
        on = f"on the number ending in {number[-3:]}"
        wanted = await self._preferences(whom)
        if wanted is None or wanted.quiet_from is None or wanted.quiet_to is None:
            return on
        return f"{on}; in quiet hours, {wanted.quiet_from} to {wanted.quiet_to}, the call waits"

    async def _preferences(self, whom: Person) -> Preferences | None:
        try:
            return await self._desk.ops.get_preferences(whom.id)
        except AgentOpsError as error:
            log.warning("preferences.unknown", code=error.code)
            return None

    async def _row(self, done: str, task: Task, how: str | None) -> Outcome:
        return Outcome(done=done, task=await reading.one_task(self._desk.ops, task.number), told=how)


_LINK = "/phone on Telegram links one."
