"""`cos bench ledger`: the ledger beside its peers, in one run on one PostgreSQL."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import msgspec

from ops.bench import filling, stage
from ops.bench.contender import Contender
from ops.bench.fanout import FanOut, fan_out
from ops.bench.measuring import Figures, Plan, Say, measure
from ops.bench.ours import Ledger
from ops.errors import PeersMissing


class Wish(msgspec.Struct, frozen=True):
    """What to measure."""

    plan: Plan = Plan()
    sockets: int = 1_000
    events_per_s: int = 100
    fan_out_s: float = 10.0
    full_rows: int = 0
    """Finished tasks of a second ledger; 0: there is none."""
    peers: bool = True


class Report(msgspec.Struct, frozen=True):
    """One run."""

    server: dict[str, str]
    figures: list[Figures]
    fan_out: FanOut
    full_rows: int
    full: Figures | None
    """Another ledger with so many tasks in its tables, measured in turn with the rest."""
    full_fan_out: FanOut | None


async def run(wish: Wish, say: Say) -> Report:
    """Measures everything in a folder of its own, which goes afterwards.

    Raises:
        PeersMissing: the other queues are not installed.
    """
    with tempfile.TemporaryDirectory(prefix="cos-bench-") as home:
        async with (
            stage.opened(Path(home)) as place,
            _peers(place, wish) as peers,
            _full(place, wish, say) as full,
            place.ledger(await place.database("bench_ledger")) as process,
        ):
            ours = Ledger(process)
            figures = await measure([ours, *peers, *([full] if full else [])], wish.plan, say)
            return Report(
                server=await place.versions(),
                figures=[one for one in figures if full is None or one.name != full.name],
                fan_out=await _fan_out(ours, wish, say),
                full_rows=wish.full_rows,
                full=figures[-1] if full else None,
                full_fan_out=await _fan_out(full, wish, say) if full else None,
            )


@asynccontextmanager
async def _full(place: stage.Stage, wish: Wish, say: Say) -> AsyncIterator[Ledger | None]:
    """A ledger that has been in use for long, if one is wished for."""
    if not wish.full_rows:
        yield None
        return
    dsn = await place.database("bench_full")
    async with place.ledger(dsn) as process:
        say(f"filling a ledger with {wish.full_rows:,} tasks")
        await filling.fill(dsn, wish.full_rows)
        yield Ledger(process, f"ledger, {wish.full_rows:,} tasks")


async def _fan_out(ours: Ledger, wish: Wish, say: Say) -> FanOut:
    say(f"fan-out of {ours.name} to {wish.sockets:,} sockets")
    await asyncio.sleep(1)  # what was measured before is still being written by PostgreSQL
    found = await fan_out(
        ours.process, sockets=wish.sockets, events_per_s=wish.events_per_s, seconds=wish.fan_out_s
    )
    await ours.drain()
    return found


@asynccontextmanager
async def _peers(place: stage.Stage, wish: Wish) -> AsyncIterator[Sequence[Contender]]:
    if not wish.peers:
        yield []
        return
    try:
        from ops.bench.peers.by_pgqueuer import Pgqueuer
        from ops.bench.peers.by_procrastinate import Procrastinate
        from ops.bench.peers.by_taskiq import Taskiq
    except ModuleNotFoundError as missing:
        raise PeersMissing(
            f"{missing.name} is not installed. The queues to compare with are the dependency group `bench`: "
            "uv pip install --group bench. Or measure the ledger alone with --alone."
        ) from missing
    async with AsyncExitStack() as open_ones:
        yield [
            await open_ones.enter_async_context(
                Procrastinate.opened(await place.database("bench_procrastinate"))
            ),
            await open_ones.enter_async_context(Pgqueuer.opened(await place.database("bench_pgqueuer"))),
            await open_ones.enter_async_context(Taskiq.opened(place.redis.url)),
        ]
