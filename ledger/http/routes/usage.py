"""/usage and /budgets: what work costs, and what it may cost."""

from typing import Annotated

from litestar import Response, Router, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from agentops.wire import (
    Budget,
    BudgetPatch,
    NewBudget,
    NewUsage,
    Page,
    TimeZone,
    UsageGroup,
    UsageRecorded,
    UsageSum,
)
from ledger.caller import Caller
from ledger.errors import BudgetNotFound
from ledger.http.idempotency import answer
from ledger.http.query import DATE_TIME, SomeText, moment, one_uuid
from ledger.http.services import HttpRequest, Services
from ledger.ids import known
from ledger.usage import budgets, recording, sums


def _id(budget_id: str) -> str:
    return known(budget_id, BudgetNotFound, "budget")


@post("/")
async def record_usage(
    request: HttpRequest,
    data: JSONBody[NewUsage],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
) -> Response[UsageRecorded]:
    """Write down what was used: all of it or nothing. A worker says for which of its tasks."""
    return await answer(
        request, services, caller, lambda: recording.record(caller, data), status=201, turn=recording.TURN
    )


@get("/")
async def sum_usage(
    services: NamedDependency[Services],
    group_by: FromQuery[UsageGroup] = UsageGroup.DAY,
    begin: Annotated[str | None, QueryParameter(name="from", schema_extra=DATE_TIME)] = None,
    end: Annotated[str | None, QueryParameter(name="to", schema_extra=DATE_TIME)] = None,
    project_id: SomeText = None,
    agent: SomeText = None,
    task_id: SomeText = None,
    time_zone: FromQuery[TimeZone] = "UTC",
) -> Page[UsageSum]:
    """Sums from `from` until before `to`, by day, project, agent, model, task or session."""
    query = sums.UsageQuery(
        group_by=group_by,
        begin=moment(begin, "from"),
        end=moment(end, "to"),
        project_id=one_uuid(project_id, "project_id"),
        agent=agent,
        task_id=one_uuid(task_id, "task_id"),
        time_zone=time_zone,
    )
    return await sums.sums(services.db, query)


@post("/")
async def create_budget(
    request: HttpRequest,
    data: JSONBody[NewBudget],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
) -> Response[Budget]:
    """Set a limit; what the present period has used already counts."""
    return await answer(request, services, caller, lambda: budgets.create_budget(caller, data), status=201)


@get("/")
async def list_budgets(
    services: NamedDependency[Services],
    project_id: SomeText = None,
    agent: SomeText = None,
    task_id: SomeText = None,
) -> Page[Budget]:
    """Budgets as they stand now; with a project, agent or task, those that its usage counts for."""
    found = await budgets.list_budgets(services.db, project_id=project_id, agent=agent, task_id=task_id)
    return Page(items=list(found))


@get("/{budget_id:str}")
async def get_budget(services: NamedDependency[Services], budget_id: FromPath[str]) -> Budget:
    """One budget, as it stands now."""
    return await budgets.get_budget(services.db, _id(budget_id))


@patch("/{budget_id:str}")
async def update_budget(
    request: HttpRequest,
    data: JSONBody[BudgetPatch],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
    budget_id: FromPath[str],
) -> Response[Budget]:
    """Change a limit; what was stopped by it goes on if it is no longer spent."""
    return await answer(
        request, services, caller, lambda: budgets.update_budget(caller, _id(budget_id), data)
    )


@delete("/{budget_id:str}")
async def delete_budget(
    caller: NamedDependency[Caller], services: NamedDependency[Services], budget_id: FromPath[str]
) -> None:
    """Take a limit away; what it stopped goes on."""
    await budgets.delete_budget(caller, _id(budget_id))
    services.wake.announce(caller.announced)


USAGE = Router("/usage", route_handlers=[record_usage, sum_usage], tags=["usage"])
BUDGETS = Router(
    "/budgets",
    route_handlers=[create_budget, list_budgets, get_budget, update_budget, delete_budget],
    tags=["usage"],
)
