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
    tasks: Annotated[int, typer.Option(min=16, help="Tasks in a round.")] = 1_000,
    sockets: Annotated[int, typer.Option(min=1, help="Listeners of the fan-out.")] = 1_000,
    full: Annotated[int, typer.Option(min=0, help="Measure a ledger with so many tasks as well.")] = 0,
) -> None:
    """Creates, claims, batches, pickup and fan-out, side by side on one PostgreSQL that really writes."""
    import msgspec

    from ops.bench.ledger import Wish, run
    from ops.bench.measuring import Plan
    from ops.bench.report import told

    with _quietly():
        plan = Plan(rounds=rounds, tasks=tasks, batched_tasks=3 * tasks)
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
) -> None:
    """What a message costs on its way to the chief, and its answer on the way back to the channel."""
    import msgspec
    import structlog

    from ops.bench.conversation import run

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with _quietly():
        found = _run(run(chats=chats, turns_each=turns, say=lambda line: typer.echo(line, err=json)))
        if json:
            typer.echo(msgspec.json.encode(found).decode())


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
