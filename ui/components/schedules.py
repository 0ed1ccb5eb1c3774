"""Schedules: what comes by itself, when next, and how the last run went."""

from collections.abc import Callable

from agentops.wire import Schedule, SchedulePatch, ScheduleStatus
from ui.components.elements import KeyedList, Moment, el, on_click
from ui.components.forms import Sure
from ui.components.frame import Frame
from ui.strings import settings as words

MAX_SCHEDULES = 200


class ScheduleSection:
    """The schedules that are not over.

    Args:
        frame: of the tab.
        changed: called after each act, since the ledger tells of none of them.
    """

    def __init__(self, frame: Frame, changed: Callable[[], None]) -> None:
        self._frame = frame
        self._changed = changed
        self._rows = KeyedList[Schedule](
            el("ul", "entries"), key=lambda schedule: schedule.id, draw=self._draw, classes="entry"
        )
        self._none = el("p", "empty-line", words.NO_SCHEDULES)

    def show(self, schedules: tuple[Schedule, ...]) -> None:
        """Show these."""
        going = [schedule for schedule in schedules if schedule.status is not ScheduleStatus.FINISHED]
        self._rows.show(going[:MAX_SCHEDULES])
        self._none.set_visibility(not going)

    def _draw(self, schedule: Schedule) -> None:
        paused = schedule.status is ScheduleStatus.PAUSED
        with el("div", "entry-head"):
            el("span", "strong", schedule.name)
            el("span", "quiet", words.SCHEDULED_TASK if schedule.task else words.SCHEDULED_NOTICE)
            with el("span", "entry-state"):
                if paused:
                    el("span", "quiet", words.PAUSED)
                elif schedule.next_run_at:
                    with el("span", "quiet"):
                        el("span", text=f"{words.NEXT} ")
                        Moment(schedule.next_run_at, "clock")
        with el("p", "entry-foot"):
            if schedule.cron:
                el("code", "code", schedule.cron)
                el("span", text=schedule.time_zone)
            el("span", "entry-note", _about(schedule))
            if schedule.last_run_at:
                with el("span"):
                    el("span", text=f"{words.LAST} ")
                    Moment(schedule.last_run_at)
        if schedule.last_error:
            el("p", "word-failed", words.LAST_ERROR.format(error=schedule.last_error[:300]))
        self._draw_acts(schedule, paused=paused)

    def _draw_acts(self, schedule: Schedule, *, paused: bool) -> None:
        with el("div", "choices choices-quiet"):
            toggle = SchedulePatch(paused=not paused)
            with on_click(
                el("button", "button-quiet", type="button"), lambda: self._change(schedule, toggle)
            ):
                el("span", text=words.GO_ON if paused else words.PAUSE)
                el("span", "sr-only", schedule.name)
            with on_click(el("button", "button-quiet", type="button"), lambda: self._run(schedule)):
                el("span", text=words.RUN_NOW)
                el("span", "sr-only", schedule.name)
            Sure(
                words.DELETE,
                words.DELETE_SURE,
                words.DELETE_YES,
                lambda: self._delete(schedule),
                name=schedule.name,
                classes="button-quiet",
            )

    async def _change(self, schedule: Schedule, patch: SchedulePatch) -> None:
        await self._frame.act(lambda ops: ops.update_schedule(schedule.id, patch))
        self._changed()

    async def _run(self, schedule: Schedule) -> None:
        await self._frame.act(lambda ops: ops.run_schedule(schedule.id), words.RAN)
        self._changed()

    async def _delete(self, schedule: Schedule) -> None:
        await self._frame.act(lambda ops: ops.delete_schedule(schedule.id), words.DELETED)
        self._changed()


def _about(schedule: Schedule) -> str:
    """What it makes, in a few words."""
    made = (schedule.task or {}).get("title") or (schedule.notice or {}).get("text") or ""
    return str(made)[:200]
