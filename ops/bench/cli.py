"""`cos bench …`."""

import asyncio
import logging
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Annotated, Any, TypeVar

import typer

T = TypeVar("T")

app = typer.Typer(no_args_is_help=True, help="Measure the ledger beside its peers, or kill it under load.")


@app.command()
def ledger(
    *,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    alone: Annotated[bool, typer.Option("--alone", help="Without the peers.")] = False,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds over all; the medians count.")] = 3,
    tasks: Annotated[
        int, typer.Option(min=16, help="Tasks in a round; in batches, eight times as many.")
    ] = 2_000,
    sockets: Annotated[int, typer.Option(min=1, help="Listeners of the fan-out.")] = 1_000,
    full: Annotated[int, typer.Option(min=0, help="Measure a ledger with so many tasks as well.")] = 0,
) -> None:
    """Creates, claims, batches, pickup and fan-out, side by side on one PostgreSQL that really writes."""
    import msgspec

    from ops.bench.ledger import Wish, run
    from ops.bench.measuring import Plan
    from ops.bench.report import told

    with _quietly():
        plan = Plan(rounds=rounds, tasks=tasks, batched_tasks=8 * tasks)
        wish = Wish(plan=plan, sockets=sockets, full_rows=full, peers=not alone)
        found = _run(run(wish, lambda line: typer.echo(line, err=True)))
        typer.echo(msgspec.json.encode(found).decode() if json else told(found))


@app.command()
def faults(
    *,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    times: Annotated[int, typer.Option(min=1, help="Kills of each: ledger, PostgreSQL, Redis.")] = 20,
) -> None:
    """kill -9 of the ledger, PostgreSQL and Redis in turn under load; exit code 1 if anything was lost."""
    import msgspec

    from ops.bench.faults import run

    with _quietly():
        found = _run(run(times, lambda line: typer.echo(line, err=True)))
        typer.echo(msgspec.json.encode(found).decode() if json else found.told())
        if not found.clean:
            raise typer.Exit(1)


@app.command()
def conversation(
    *,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    chats: Annotated[int, typer.Option(min=1, help="People who talk at once.")] = 50,
    turns: Annotated[int, typer.Option(min=2, help="Messages of each.")] = 40,
    telegram: Annotated[
        bool, typer.Option("--telegram", help="Instead, with a whole gateway, polling and by webhook.")
    ] = False,
) -> None:
    """What a message costs on its way to the chief, and its answer on the way back to the channel."""
    import msgspec
    import structlog

    from ops.bench import telegram as whole_gateway
    from ops.bench.conversation import run

    def say(line: str) -> None:
        typer.echo(line, err=json)

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with _quietly():
        found = _run(
            whole_gateway.run(chats=chats, each=turns, say=say)
            if telegram
            else run(chats=chats, turns_each=turns, say=say)
        )
        if json:
            typer.echo(msgspec.json.encode(found).decode())


@app.command()
def chief(
    *,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    sessions: Annotated[int, typer.Option(min=1, help="People who talk at once.")] = 100,
    turns: Annotated[int, typer.Option(min=2, help="Messages of each.")] = 10,
) -> None:
    """What a turn costs without its model, and how fast an answer stops when the person interrupts it."""
    import msgspec
    import structlog

    from ops.bench.chief import run

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with _quietly():
        found = _run(run(sessions=sessions, turns_each=turns, say=lambda line: typer.echo(line, err=json)))
        if json:
            typer.echo(msgspec.json.encode(found).decode())


@app.command()
def voice(
    *,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    rounds: Annotated[int, typer.Option(min=1, help="How often each phrase is said.")] = 1,
    calls: Annotated[int, typer.Option(min=1, max=90, help="Callers at once.")] = 8,
    vendor_calls: Annotated[
        int, typer.Option(min=0, max=45, help="The same with a vendor's speech, simulated; 0: without.")
    ] = 12,
    recordings: Annotated[str, typer.Option(help="A folder with recordings of people.")] = "",
    long_call: Annotated[
        float, typer.Option(min=0, max=55, help="Instead, hold one call of so many minutes.")
    ] = 0,
) -> None:
    """How long a caller waits, and whether they are understood; real calls in real time, some minutes."""
    import msgspec
    import structlog

    from ops.bench import voice_long
    from ops.bench.voice import Wish, run
    from ops.bench.voice_report import told
    from ops.bench.voice_speakers import RECORDINGS

    def say(line: str) -> None:
        typer.echo(line, err=True)

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with _quietly():
        if long_call:
            held = _run(voice_long.run(long_call, say))
            typer.echo(msgspec.json.encode(held).decode() if json else held.told())
            return
        folder = recordings or str(RECORDINGS)
        wish = Wish(rounds=rounds, at_once=calls, with_vendor=vendor_calls, recordings=folder)
        found = _run(run(wish, say))
        typer.echo(msgspec.json.encode(found).decode() if json else told(found))


@app.command()
def seed(
    *,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    tasks: Annotated[int, typer.Option(min=8, help="Tasks for the share of busy slots.")] = 100,
    kills: Annotated[bool, typer.Option(help="Also kill workers under 500 tasks; some minutes.")] = True,
) -> None:
    """How busy a worker keeps its slots, and what becomes of tasks whose workers are killed."""
    import msgspec

    from ops.bench.herd import Plan
    from ops.bench.seed import run

    with _quietly():
        plan = Plan() if kills else None
        found = _run(run(plan, tasks=tasks, work_s=1.0, say=lambda line: typer.echo(line, err=json)))
        if json:
            typer.echo(msgspec.json.encode(found).decode())


@app.command()
def sandbox(
    *,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    commands: Annotated[int, typer.Option(min=5, help="How many of each kind.")] = 50,
) -> None:
    """What a command costs in the sandbox, beside the same command without it."""
    import msgspec
    import structlog

    from ops.bench.sandbox import run

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with _quietly():
        found = _run(run(commands, lambda line: typer.echo(line, err=json)))
        if json:
            typer.echo(msgspec.json.encode(found).decode())


@app.command()
def panel(
    *,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    tabs: Annotated[int, typer.Option(min=1, help="Open tabs of a real Chromium.")] = 20,
    tasks: Annotated[int, typer.Option(min=0, help="Tasks that the ledger has.")] = 100_000,
    changes: Annotated[int, typer.Option(min=2, help="New tasks to wait for.")] = 20,
) -> None:
    """How late a change is on the screen, and the memory of the panel, with many tabs on a full ledger."""
    import msgspec

    from ops.bench.panel import run

    with _quietly():
        found = _run(
            run(tabs=tabs, tasks=tasks, changes=changes, say=lambda line: typer.echo(line, err=True))
        )
        typer.echo(msgspec.json.encode(found).decode() if json else found.told())


@app.command()
def cost(
    *,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    turns: Annotated[int, typer.Option(min=8, help="Messages to the chief.")] = 400,
    tasks: Annotated[int, typer.Option(min=4, help="Small tasks.")] = 60,
    reports: Annotated[int, typer.Option(min=1, help="Reports on a CSV file.")] = 10,
    call: Annotated[bool, typer.Option(help="Also a call of a minute or two.")] = True,
) -> None:
    """What a message, a task and a minute on the telephone cost in processor, memory and storage."""
    import msgspec

    from ops.bench.cost import Wish, run

    with _quietly():
        wish = Wish(turns=turns, tasks=tasks, reports=reports, call=call)
        found = _run(run(wish, lambda line: typer.echo(line, err=True)))
        typer.echo(msgspec.json.encode(found).decode() if json else found.told())


def _run(work: Coroutine[Any, Any, T]) -> T:
    from ops.runner import fast_loop

    with asyncio.Runner(loop_factory=fast_loop()) as runner:
        return runner.run(work)


@contextmanager
def _quietly() -> Iterator[None]:
    """What went wrong as one sentence; what the peers log on their way is not of interest."""
    from ops.cli import told_plainly

    logging.disable(logging.WARNING)
    with told_plainly():
        yield
