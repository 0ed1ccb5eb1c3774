"""Schedules: tasks and notices that come by themselves at their time."""

from agentops.calls.base import Calls
from agentops.requests import path_of
from agentops.wire import (
    NewSchedule,
    Page,
    RunSchedule,
    Schedule,
    ScheduleId,
    SchedulePatch,
    ScheduleStatus,
)


class ScheduleCalls(Calls):
    """`/schedules`."""

    async def create_schedule(self, schedule: NewSchedule, *, idempotency_key: str | None = None) -> Schedule:
        """Have a task created, or a notice told, at one time or by a cron pattern.

        Example:
            Every working day at half past eight in Paris, in summer and in winter:

                await ops.create_schedule(NewSchedule(
                    name="Morning report",
                    cron="30 8 * * MON-FRI",
                    time_zone="Europe/Paris",
                    task=NewTask(title="Report on yesterday's sales", origin="main"),
                ))

            Once, as a notice to a session:

                await ops.create_schedule(NewSchedule(
                    name="Call Ada",
                    at=datetime(2026, 3, 1, 17, 0, tzinfo=ZoneInfo("Europe/Paris")),
                    notice=ScheduledNotice(session="main", text="You wanted to call Ada."),
                ))

        Raises:
            ValidationFailed: The time never comes or is over, or the task could not be created.
        """
        return await self._transport.post("/schedules", Schedule, schedule, key=idempotency_key)

    async def list_schedules(self, *, status: ScheduleStatus | None = None) -> list[Schedule]:
        """Schedules, those that are due next first."""
        params = {"status": status}
        return (await self._transport.get("/schedules", Page[Schedule], params=params)).items

    async def get_schedule(self, schedule_id: ScheduleId) -> Schedule:
        """One schedule.

        Raises:
            ScheduleNotFound: There is none with this id.
        """
        return await self._transport.get(path_of("schedules", schedule_id), Schedule)

    async def update_schedule(
        self, schedule_id: ScheduleId, patch: SchedulePatch, *, idempotency_key: str | None = None
    ) -> Schedule:
        """Change what `patch` sets: `SchedulePatch(paused=True)` stops it for a while.

        Raises:
            VersionConflict: `patch.version` is not the present one.
            ValidationFailed: What comes of it has no time to come.
        """
        path = path_of("schedules", schedule_id)
        return await self._transport.patch(path, Schedule, patch, key=idempotency_key)

    async def delete_schedule(self, schedule_id: ScheduleId, *, idempotency_key: str | None = None) -> None:
        """End a schedule; the tasks that it made stay."""
        await self._transport.delete(path_of("schedules", schedule_id), key=idempotency_key)

    async def run_schedule(self, schedule_id: ScheduleId, *, idempotency_key: str | None = None) -> Schedule:
        """Run it now, besides its times; `last_task_id` is the task that it made.

        Raises:
            ValidationFailed: Its task names what no longer exists.
        """
        path = path_of("schedules", schedule_id, "run")
        return await self._transport.post(path, Schedule, RunSchedule(), key=idempotency_key)
