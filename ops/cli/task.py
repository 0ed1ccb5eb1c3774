"""`cos task …`: the work, from the command line."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.base import HomeOption, JsonOption, print_json, print_table, told_plainly, with_ledger

if TYPE_CHECKING:
    from agentops import AgentOpsClient
    from agentops.wire import Artifact, Attempt, Task

app = typer.Typer(no_args_is_help=True, help="Add, find, follow and cancel tasks.")

Which = Annotated[str, typer.Argument(help="The task's number, or its id.")]


class Priority(StrEnum):
    """How soon it is claimed."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


@app.command()
def add(
    title: Annotated[str, typer.Argument(help="What is to be done.")],
    *,
    description: Annotated[
        str, typer.Option("--description", "-d", help="All that a worker must know.")
    ] = "",
    priority: Annotated[Priority, typer.Option("--priority", "-p")] = Priority.MEDIUM,
    project: Annotated[str, typer.Option(help="Name of a project that exists.")] = "",
    attach: Annotated[
        list[Path] | None,
        typer.Option("--attach", "-a", exists=True, dir_okay=False, readable=True, help="A file to work on."),
    ] = None,
    json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Add a task; a worker takes it up at once."""
    from agentops.wire import NewTask
    from agentops.wire import Priority as Wire
    from ops.work import project_called, upload

    async def work(ledger: "AgentOpsClient") -> "Task":
        new = NewTask(
            title=title,
            description=description,
            priority=Wire(priority),
            project_id=await project_called(ledger, project) if project else None,
            attachments=[await upload(ledger, file) for file in attach or ()],
        )
        return await ledger.create_task(new)

    with told_plainly():
        made = with_ledger(home, work)
        if json:
            print_json(made)
        else:
            typer.echo(f"Task {made.number}, “{made.title}” ({made.priority}), is {made.status}.")


@app.command("list")
def list_(
    *,
    status: Annotated[
        list[str] | None, typer.Option("--status", "-s", help="Only these; repeatable.")
    ] = None,
    words: Annotated[str, typer.Option("--find", "-q", help="Words in title or description.")] = "",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=200)] = 20,
    json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """List tasks, newest first."""
    from agentops.wire import TaskStatus

    known = {one.value: one for one in TaskStatus}
    if wrong := [one for one in status or () if one not in known]:
        raise typer.BadParameter(f"There is no status {wrong[0]!r}. Statuses: {', '.join(known)}.")

    async def work(ledger: "AgentOpsClient") -> "list[Task]":
        wanted = [known[one] for one in status or ()]
        return (await ledger.list_tasks(status=wanted, q=words or None, limit=limit)).items

    with told_plainly():
        found = with_ledger(home, work)
        if json:
            print_json(found)
        else:
            rows = [
                (one.number, one.status, one.priority, _moment(one.updated_at), one.assigned_to, one.title)
                for one in found
            ]
            print_table(("no", "status", "priority", "changed", "worker", "title"), rows, nothing="No tasks.")


@app.command()
def show(which: Which, *, json: JsonOption = False, home: HomeOption = None) -> None:
    """Show one task: where it stands, its attempts, what came of it."""
    from ops.work import Shown, task_called

    async def work(ledger: "AgentOpsClient") -> Shown:
        task = await task_called(ledger, which)
        return Shown(task, await ledger.list_attempts(task.id), await ledger.list_artifacts(task.id))

    with told_plainly():
        found = with_ledger(home, work)
        if json:
            print_json(found)
        else:
            typer.echo("\n".join(_told(found.task, found.attempts, found.artifacts)))


@app.command()
def cancel(which: Which, *, json: JsonOption = False, home: HomeOption = None) -> None:
    """Cancel a task; one that is being worked on is asked to stop."""
    from ops.work import task_called

    async def work(ledger: "AgentOpsClient") -> "Task":
        return await ledger.cancel((await task_called(ledger, which)).id)

    with told_plainly():
        _say(with_ledger(home, work), json=json)


@app.command()
def retry(which: Which, *, json: JsonOption = False, home: HomeOption = None) -> None:
    """Let a failed task begin anew."""
    from ops.work import task_called

    async def work(ledger: "AgentOpsClient") -> "Task":
        return await ledger.retry((await task_called(ledger, which)).id)

    with told_plainly():
        _say(with_ledger(home, work), json=json)


@app.command()
def fetch(
    which: Which,
    to: Annotated[Path, typer.Argument(file_okay=False, help="A folder; it is made if missing.")] = Path(),
    *,
    json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Save what a task made into a folder; a file that is there already is not replaced."""
    from ops.work import save_outputs, task_called

    async def work(ledger: "AgentOpsClient") -> list[Path]:
        return await save_outputs(ledger, await task_called(ledger, which), to)

    with told_plainly():
        saved = with_ledger(home, work)
        if json:
            print_json([str(path) for path in saved])
            return
        typer.echo("\n".join(map(str, saved)) or "It has made no files.")


def _say(task: "Task", *, json: bool) -> None:
    if json:
        print_json(task)
    else:
        asked = " and was asked to stop" if task.cancel_requested and task.finished_at is None else ""
        typer.echo(f"Task {task.number}, “{task.title}”, is {task.status}{asked}.")


def _told(task: "Task", attempts: "Sequence[Attempt]", artifacts: "Sequence[Artifact]") -> list[str]:
    facts = {
        "task": f"{task.number}  {task.title}",
        "status": f"{task.status}  {task.blocked_reason or task.error or task.progress_note or ''}".rstrip(),
        "priority": task.priority,
        "worker": task.assigned_to,
        "created": f"{_moment(task.created_at)} by {task.created_by}",
        "finished": task.finished_at and _moment(task.finished_at),
        "attempts": f"{task.attempt} of {task.max_attempts}" if task.attempt else None,
        "id": task.id,
    }
    lines = [f"{name:<10}{value}" for name, value in facts.items() if value]
    lines += [f"  attempt {one.epoch}: {one.agent}, {_ending(one)}" for one in attempts]
    lines += [f"  {one.kind}: {one.name}, {one.size_bytes:,} bytes, {one.media_type}" for one in artifacts]
    summary = (task.result or {}).get("summary")
    return [*lines, *(["", str(summary)] if summary else [])]


def _ending(attempt: "Attempt") -> str:
    return f"{attempt.outcome or 'running'}{f' ({attempt.error})' if attempt.error else ''}"


def _moment(at: object) -> str:
    from datetime import datetime

    return at.astimezone().strftime("%Y-%m-%d %H:%M") if isinstance(at, datetime) else ""
