"""/schedules: what happens by itself at a time."""

from litestar import Response, Router, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from agentops.wire import NewSchedule, Page, RunSchedule, Schedule, SchedulePatch, ScheduleStatus
from ledger.caller import Caller
from ledger.errors import ScheduleNotFound
from ledger.http.idempotency import answer
from ledger.http.services import HttpRequest, Services
from ledger.ids import known
from ledger.schedules import commands, firing


def _id(schedule_id: str) -> str:
    return known(schedule_id, ScheduleNotFound, "schedule")


@post("/")
async def create_schedule(
    request: HttpRequest,
    data: JSONBody[NewSchedule],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
) -> Response[Schedule]:
    """Make a schedule: a task or a notice, at one time or by a cron pattern."""
    return await answer(request, services, caller, lambda: commands.create_schedule(caller, data), status=201)


@get("/")
async def list_schedules(
    services: NamedDependency[Services], status: FromQuery[ScheduleStatus | None] = None
) -> Page[Schedule]:
    """Schedules, those that are due next first."""
    return Page(items=await commands.list_schedules(services.db, status))


@get("/{schedule_id:str}")
async def get_schedule(services: NamedDependency[Services], schedule_id: FromPath[str]) -> Schedule:
    """One schedule."""
    return await commands.get_schedule(services.db, _id(schedule_id))


@patch("/{schedule_id:str}")
async def update_schedule(
    request: HttpRequest,
    data: JSONBody[SchedulePatch],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
    schedule_id: FromPath[str],
) -> Response[Schedule]:
    """Change what the body names; `paused` stops it and lets it go on."""
    return await answer(
        request, services, caller, lambda: commands.update_schedule(caller, _id(schedule_id), data)
    )


@delete("/{schedule_id:str}")
async def delete_schedule(
    caller: NamedDependency[Caller], services: NamedDependency[Services], schedule_id: FromPath[str]
) -> None:
    """End a schedule; the tasks that it made stay."""
    await commands.delete_schedule(caller, _id(schedule_id))
    services.wake.announce(caller.announced)


@post("/{schedule_id:str}/run", status_code=200)
async def run_schedule(
    request: HttpRequest,
    data: JSONBody[RunSchedule],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
    schedule_id: FromPath[str],
) -> Response[Schedule]:
    """Run a schedule now, besides its times; `last_task_id` of the answer is the task that it made."""
    return await answer(request, services, caller, lambda: firing.run_now(caller, _id(schedule_id)))


ROUTER = Router(
    "/schedules",
    route_handlers=[
        create_schedule, list_schedules, get_schedule, update_schedule, delete_schedule, run_schedule,
    ],
    tags=["schedules"],
)  # fmt: skip
