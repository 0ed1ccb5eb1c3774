"""Reminders, and work that comes by itself at its time."""

import re
from datetime import datetime, timedelta, tzinfo
from typing import Any, Literal

from rapidfuzz import fuzz, process, utils
from strands import ToolContext, tool

from agentops.wire import (
    NewSchedule,
    NewTask,
    Priority,
    Schedule,
    ScheduledNotice,
    SchedulePatch,
    ScheduleStatus,
)
from brain.chief.arguments import due_at, project_named
from brain.chief.errors import ToolRefused
from brain.chief.tools.base import Desk, PriorityName, asks, told, work_of
from brain.chief.work import TurnWork
from brain.rows import Outcome, ScheduleRow

_CRON = re.compile(r"\s*\S+(?:\s+\S+){4}\s*")
_SAME_NAME_SCORE = 75
_MOST_NAME = 200
_JUST_NOW = timedelta(minutes=1)


class ScheduleTools:
    """The ledger's schedules."""

    def __init__(self, desk: Desk) -> None:
        self._ops = desk.ops

    def all(self) -> list[Any]:
        """As `Agent(tools=…)` takes them."""
        return [self.remind, self.schedule, self.schedules]

    @tool(context=True)
    async def remind(self, tool_context: ToolContext, text: str, at: str) -> dict[str, Any]:
        """Remind the person of something once.

        Args:
            text: What to say then.
            at: When, in the person's local time, as ISO 8601: "2030-01-31T17:00".
        """
        work = work_of(tool_context)
        key = work.call_name("remind")

        async def create() -> Outcome:
            new = NewSchedule(
                name=text[:_MOST_NAME],
                at=_ahead(at, work.clock()),
                notice=ScheduledNotice(session=work.session_id, text=text),
            )
            return _made(await self._ops.create_schedule(new, idempotency_key=key), work)

        return await told(tool_context, create)

    @tool(context=True)
    async def schedule(
        self,
        tool_context: ToolContext,
        title: str,
        when: str,
        description: str = "",
        priority: PriorityName = "medium",
        project: str | None = None,
        reminder: bool = False,
    ) -> dict[str, Any]:
        """Have a task created at a time, or again and again.

        Args:
            title: The task's title, or what to remind of.
            when: ISO 8601 in the person's local time for once; or five fields of cron, such as
                "30 8 * * MON-FRI" for half past eight on working days.
            description: Everything the worker needs to know.
            priority: How soon it is to be done then.
            project: Name of an existing project.
            reminder: Tell the person instead of creating a task.
        """
        work = work_of(tool_context)

        async def create() -> Outcome:
            into = await project_named(self._ops, project) if project else None
            task = NewTask(
                title=title,
                description=description,
                priority=Priority(priority),
                project_id=into.id if into else None,
                origin=work.session_id,
            )
            repeats = _CRON.fullmatch(when) is not None
            new = NewSchedule(
                name=title[:_MOST_NAME],
                cron=" ".join(when.split()) if repeats else None,
                at=None if repeats else _ahead(when, work.clock()),
                time_zone=_zone_of(work),
                task=None if reminder else task,
                notice=ScheduledNotice(session=work.session_id, text=title) if reminder else None,
            )
            key = work.call_name("schedule")
            return _made(await self._ops.create_schedule(new, idempotency_key=key), work)

        return await told(tool_context, create)

    @tool(context=True)
    async def schedules(
        self,
        tool_context: ToolContext,
        action: Literal["list", "pause", "resume", "run", "delete"] = "list",
        name: str | None = None,
    ) -> dict[str, Any]:
        """List reminders and schedules, or change one. Before one is deleted, the person is asked.

        Args:
            action: What to do. "run" runs it now, besides its times.
            name: Which one, by its name; not for "list".
        """
        work = work_of(tool_context)
        key = work.call_name("schedules")

        async def act() -> Outcome:
            known = await self._ops.list_schedules()
            if action == "list":
                rows = [_row(one, work) for one in known if one.status is not ScheduleStatus.FINISHED]
                return Outcome(schedules=rows)
            return await self._change(action, _named(known, name or ""), work, key)

        return await told(tool_context, act)

    async def _change(self, action: str, one: Schedule, work: TurnWork, key: str) -> Outcome:
        if action == "delete":
            if not work.approved:
                return asks(f"Shall I delete “{one.name}”, so that it comes no more?")
            await self._ops.delete_schedule(one.id, idempotency_key=key)
            return Outcome(done="schedule.deleted", schedules=[_row(one, work)])
        if action == "run":
            ran = await self._ops.run_schedule(one.id, idempotency_key=key)
            return Outcome(done="schedule.ran", schedules=[_row(ran, work)])
        patch = SchedulePatch(paused=action == "pause")
        changed = await self._ops.update_schedule(one.id, patch, idempotency_key=key)
        return Outcome(done=f"schedule.{action}d", schedules=[_row(changed, work)])


def _ahead(text: str, now: datetime) -> datetime:
    at = due_at(text, now)
    if at < now - _JUST_NOW:
        raise ToolRefused(
            "past_time", f"{text} is over; it is {now:%Y-%m-%d %H:%M} now. Ask for another time."
        )
    return at


def _named(known: list[Schedule], name: str) -> Schedule:
    open_ones = [one for one in known if one.status is not ScheduleStatus.FINISHED]
    names = dict(enumerate(one.name for one in open_ones))
    near = process.extract(
        name,
        names,
        scorer=fuzz.token_set_ratio,
        processor=utils.default_process,
        score_cutoff=_SAME_NAME_SCORE,
        limit=3,
    )
    if near and (len(near) == 1 or near[0][1] > near[1][1]):
        return open_ones[near[0][2]]
    there = ", ".join(f"“{one.name}”" for one in open_ones[:10]) or "none"
    raise ToolRefused("schedule_not_found", f"Which one is meant? There are: {there}.")


def _zone_of(work: TurnWork) -> str:
    """The name of the person's zone; without one (a machine that says only its offset), UTC."""
    return str(getattr(work.clock().tzinfo, "key", None) or "UTC")


def _made(made: Schedule, work: TurnWork) -> Outcome:
    return Outcome(done="schedule.created", schedules=[_row(made, work)])


def _row(one: Schedule, work: TurnWork) -> ScheduleRow:
    zone: tzinfo | None = work.clock().tzinfo
    return ScheduleRow(
        id=one.id,
        name=one.name,
        status=one.status,
        cron=one.cron,
        next_run_at=one.next_run_at.astimezone(zone) if one.next_run_at else None,
        reminder=one.notice is not None,
        last_error=one.last_error,
    )
