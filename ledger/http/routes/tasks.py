"""/tasks: create, read, change, and everything a worker does."""

from typing import Annotated

from litestar import Response, Router, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from agentops.wire import (
    Attempt,
    BatchOutcomes,
    Block,
    Cancel,
    Claim,
    ClaimNextRequest,
    ClaimRequest,
    Claims,
    Complete,
    CompleteBatch,
    CreateBatch,
    Fail,
    Heartbeat,
    LeaseState,
    NewTask,
    Page,
    Priority,
    Release,
    Retry,
    Settle,
    Settled,
    SortOrder,
    Task,
    TaskPatch,
    Tasks,
    TaskSort,
    TaskStatus,
)
from ledger.caller import Caller
from ledger.errors import TaskNotFound
from ledger.http.idempotency import answer, command
from ledger.http.query import Limit, SomeText, SomeTime, moment, one_uuid, words
from ledger.http.services import HttpRequest, Services
from ledger.ids import known
from ledger.tasks import claims, commands, listing, outcomes, queries, settling


def _id(task_id: str) -> str:
    return known(task_id, TaskNotFound, "task")


@post("/")
async def create_task(
    request: HttpRequest,
    data: JSONBody[NewTask],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
) -> Response[Task]:
    """Write a task down."""
    return await command(request, services, caller, lambda: commands.create_task(caller, data), status=201)


@post("/create-batch")
async def create_tasks(
    request: HttpRequest,
    data: JSONBody[CreateBatch],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
) -> Response[Tasks]:
    """Write many tasks down, all or none."""
    return await command(request, services, caller, lambda: commands.create_tasks(caller, data), status=201)


@get("/")
async def list_tasks(
    services: NamedDependency[Services],
    status: SomeText = None,
    priority: SomeText = None,
    project_id: SomeText = None,
    assigned_to: SomeText = None,
    origin: SomeText = None,
    number: Annotated[int | None, QueryParameter(ge=0, le=2**63 - 1)] = None,
    parent_id: SomeText = None,
    updated_since: SomeTime = None,
    due_before: SomeTime = None,
    q: SomeText = None,
    sort: FromQuery[TaskSort] = TaskSort.CREATED,
    order: FromQuery[SortOrder | None] = None,
    limit: Limit = 50,
    cursor: SomeText = None,
) -> Page[Task]:
    """A page of tasks, newest first. `status` and `priority` take lists: `status=pending,blocked`."""
    query = listing.TaskQuery(
        status=words(status, TaskStatus, "status"),
        priority=words(priority, Priority, "priority"),
        project_id=one_uuid(project_id, "project_id"),
        assigned_to=assigned_to,
        origin=origin,
        number=number,
        parent_id=one_uuid(parent_id, "parent_id"),
        updated_since=moment(updated_since, "updated_since"),
        due_before=moment(due_before, "due_before"),
        q=q,
        sort=sort,
        order=order,
        limit=limit,
        cursor=cursor,
    )
    return await listing.list_tasks(services.db, query)


@get("/{task_id:str}")
async def get_task(services: NamedDependency[Services], task_id: FromPath[str]) -> Task:
    """One task."""
    return await queries.get_task(services.db, _id(task_id))


@patch("/{task_id:str}")
async def update_task(
    request: HttpRequest,
    data: JSONBody[TaskPatch],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
    task_id: FromPath[str],
) -> Response[Task]:
    """Change what the body names."""
    return await answer(request, services, caller, lambda: commands.update_task(caller, _id(task_id), data))


@get("/{task_id:str}/attempts")
async def list_attempts(services: NamedDependency[Services], task_id: FromPath[str]) -> Page[Attempt]:
    """Every claim of a task and how it ended."""
    return Page(items=await queries.list_attempts(services.db, _id(task_id)))


@post("/{task_id:str}/claim", status_code=200)
async def claim(
    request: HttpRequest,
    data: JSONBody[ClaimRequest],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
    task_id: FromPath[str],
) -> Response[Claim]:
    """Take one task, in the version that you saw."""
    return await command(request, services, caller, lambda: claims.claim(caller, _id(task_id), data))


@post("/claim-next", status_code=200)
async def claim_next(
    request: HttpRequest,
    data: JSONBody[ClaimNextRequest],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
) -> Response[Claims]:
    """Take the most urgent tasks that are ready; of too few, the answer says what is paused or stopped."""
    return await command(request, services, caller, lambda: claims.claim_next(caller, data))


@post("/{task_id:str}/heartbeat", status_code=200)
async def heartbeat(
    request: HttpRequest,
    data: JSONBody[Heartbeat],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
    task_id: FromPath[str],
) -> Response[LeaseState]:
    """Renew the lease, and say what is being done."""
    return await command(request, services, caller, lambda: claims.heartbeat(caller, _id(task_id), data))


@post("/{task_id:str}/complete", status_code=200)
async def complete(
    request: HttpRequest,
    data: JSONBody[Complete],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
    task_id: FromPath[str],
) -> Response[Task]:
    """Finish a task that you hold."""
    return await command(request, services, caller, lambda: outcomes.complete(caller, _id(task_id), data))


@post("/complete-batch", status_code=200)
async def complete_batch(
    request: HttpRequest,
    data: JSONBody[CompleteBatch],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
) -> Response[BatchOutcomes]:
    """Finish many tasks that you hold, each under its own epoch; the answer says for each whether it was."""
    return await command(request, services, caller, lambda: outcomes.complete_batch(caller, data))


@post("/settle", status_code=200)
async def settle(
    request: HttpRequest,
    data: JSONBody[Settle],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
) -> Response[Settled]:
    """Finish what is done and take the next, in one: for workers of many small tasks."""
    return await command(request, services, caller, lambda: settling.settle(caller, data))


@post("/{task_id:str}/fail", status_code=200)
async def fail(
    request: HttpRequest,
    data: JSONBody[Fail],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
    task_id: FromPath[str],
) -> Response[Task]:
    """Say that the attempt failed."""
    base_s = services.settings.ledger_retry_base_s
    return await command(
        request, services, caller, lambda: outcomes.fail(caller, _id(task_id), data, retry_base_s=base_s)
    )


@post("/{task_id:str}/block", status_code=200)
async def block(
    request: HttpRequest,
    data: JSONBody[Block],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
    task_id: FromPath[str],
) -> Response[Task]:
    """Ask the person, and give the task up until they answer."""
    return await command(request, services, caller, lambda: outcomes.block(caller, _id(task_id), data))


@post("/{task_id:str}/release", status_code=200)
async def release(
    request: HttpRequest,
    data: JSONBody[Release],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
    task_id: FromPath[str],
) -> Response[Task]:
    """Give a task back undone."""
    return await command(request, services, caller, lambda: outcomes.release(caller, _id(task_id), data))


@post("/{task_id:str}/cancel", status_code=200)
async def cancel(
    request: HttpRequest,
    data: JSONBody[Cancel],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
    task_id: FromPath[str],
) -> Response[Task]:
    """Cancel a task; with `epoch`, say as its worker that you have stopped."""
    epoch = data.epoch
    if epoch is None:
        return await command(request, services, caller, lambda: commands.cancel(caller, _id(task_id), data))
    return await command(request, services, caller, lambda: outcomes.stop(caller, _id(task_id), epoch, data))


@post("/{task_id:str}/retry", status_code=200)
async def retry(
    request: HttpRequest,
    data: JSONBody[Retry],
    caller: NamedDependency[Caller],
    services: NamedDependency[Services],
    task_id: FromPath[str],
) -> Response[Task]:
    """Put a failed task back."""
    return await command(request, services, caller, lambda: commands.retry(caller, _id(task_id), data))


ROUTER = Router(
    "/tasks",
    route_handlers=[
        create_task, create_tasks, list_tasks, get_task, update_task, list_attempts, claim, claim_next,
        heartbeat, complete, complete_batch, settle, fail, block, release, cancel, retry,
    ],
    tags=["tasks"],
)  # fmt: skip
