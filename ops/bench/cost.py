"""`cos bench cost`: what a message, a task and a minute on the telephone cost a machine, part by part.

The whole system as `cos up` starts it, with the offline model: a vendor's model computes elsewhere and costs
the vendor's price. Processor time is what is counted: it hardly depends on how busy the machine is.
"""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import httpx
import msgspec
import psutil
from redis.asyncio import Redis

from agentops.wire import NewTask, Task
from ops.bench import sharing, whole
from ops.bench.sharing import Shares
from ops.bench.whole import Whole

PARTS = ("ledger", "chief", "seed", "gateway", "ui", "postgres", "redis")
_AT_ONCE = 4
_IDLE_S = 5.0
_IDLE_TIMES = 3
_SETTLED_S = 2.0
_WORDS = "What is going on?"
_ORDER = "Create a task to call the plumber, low priority"
"""A worker looks at it and asks, as it knows no way to do that."""
_UNDONE = "SELECT count(*) FROM task WHERE id = ANY($1::uuid[]) AND status <> 'completed'"
_PATIENCE_S = 900.0
_PHRASES = 8
_SUM = "Convert {} miles to kilometres"


class Spent(msgspec.Struct, frozen=True, kw_only=True):
    """What one of something cost."""

    what: str
    cpu_ms: dict[str, float]
    """By part, with all that it starts."""
    postgres_bytes: float
    """By how much the database grew."""
    wal_bytes: float
    """What PostgreSQL wrote ahead: this is what a disk or a replica has to take."""
    redis_bytes: float

    def told(self) -> str:
        """For people."""
        parts = ", ".join(f"{name} {ms:.1f}" for name, ms in self.cpu_ms.items() if ms >= 0.05)
        return (
            f"{self.what}: {sum(self.cpu_ms.values()):.1f} ms of processor ({parts}); "
            f"PostgreSQL +{self.postgres_bytes / 1e3:.1f} kB, written ahead {self.wal_bytes / 1e3:.1f} kB, "
            f"Redis {self.redis_bytes / 1e3:+.1f} kB"
        )


class CostFigures(msgspec.Struct, frozen=True, kw_only=True):
    """All that was measured."""

    memory_mb: dict[str, float]
    """By part, at the end; what processes share is counted once in each."""
    idle_ms: dict[str, float]
    """Processor time for a second in which nothing happens."""
    costs: list[Spent]
    shares: Shares

    def told(self) -> str:
        """For people."""
        memory = ", ".join(f"{name} {mb:.0f}" for name, mb in self.memory_mb.items())
        idle = ", ".join(f"{name} {ms:.1f}" for name, ms in self.idle_ms.items())
        return "\n".join(
            [
                f"memory, MB: {memory}",
                f"idle, ms a second: {idle}",
                *(one.told() for one in self.costs),
                self.shares.told(),
            ]
        )


@dataclass(frozen=True)
class Meter:
    """What has been used so far."""

    cpu_s: dict[str, float]
    database: float
    wal: float
    redis: float

    @classmethod
    async def read(cls, place: Whole) -> "Meter":
        """Now."""
        connection = await asyncpg.connect(place.dsn)
        try:
            row = await connection.fetchrow(
                "SELECT pg_database_size(current_database()) AS size, "
                "pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 AS wal"
            )
        finally:
            await connection.close()
        async with Redis.from_url(place.redis) as redis:
            used = (await redis.info("memory"))["used_memory"]
        cpu_s = {name: _cpu_s(pid) for name, pid in place.up.pids.items() if name in PARTS}
        return cls(cpu_s, float(row["size"]), float(row["wal"]), float(used))

    def since(self, before: "Meter", what: str, number: float, idle_s: dict[str, float]) -> Spent:
        """For each of `number`, without what would have been used anyway: `idle_s` seconds by part."""
        cpu_ms = {
            name: max(0.0, 1_000 * (self.cpu_s[name] - before.cpu_s[name] - idle_s.get(name, 0.0)) / number)
            for name in self.cpu_s
        }
        return Spent(
            what=what,
            cpu_ms=cpu_ms,
            postgres_bytes=(self.database - before.database) / number,
            wal_bytes=(self.wal - before.wal) / number,
            redis_bytes=(self.redis - before.redis) / number,
        )


@dataclass(frozen=True)
class Wish:
    """How much is done of each; more is more exact."""

    turns: int = 400
    tasks: int = 60
    reports: int = 10
    call: bool = True


async def run(wish: Wish, say: Callable[[str], None]) -> CostFigures:
    """On an installation of its own.

    Args:
        wish: How much.
        say: Told of each figure.
    """
    with tempfile.TemporaryDirectory(prefix="cos-cost-") as folder:
        async with whole.opened(Path(folder) / "home") as place:
            # What is done once at the beginning is no part of a price, and must be over before it is counted.
            waves = await _listening(place) if wish.call else []
            await _talked(place, 20, _WORDS)
            await _worked(place, 4)
            idle_ms = await _idle(place)
            bill = _Bill(place, idle_ms, say)
            await bill.of("a question", wish.turns, _talked(place, wish.turns, _WORDS))
            await bill.of("an order", wish.turns // 2, _talked(place, wish.turns // 2, _ORDER))
            await bill.of("a small task", wish.tasks, _worked(place, wish.tasks))
            await bill.of("a report on a CSV file", wish.reports, _reported(place, wish.reports))
            if wish.call:
                await bill.of("a minute of a call", 1, _minutes(place, waves))
            memory = _memory_mb(place)
            shares = await _shared(place, wish)
    found = CostFigures(memory_mb=memory, idle_ms=idle_ms, costs=bill.costs, shares=shares)
    say("\n".join([*found.told().splitlines()[:2], shares.told()]))
    return found


async def _shared(place: Whole, wish: Wish) -> Shares:
    async with sharing.doubled(place) as counting:
        await counting.begin()
        await _talked(place, wish.turns, _WORDS)
        await _worked(place, wish.tasks)
        return await counting.shares()


class _Bill:
    def __init__(self, place: Whole, idle_ms: dict[str, float], say: Callable[[str], None]) -> None:
        self._place = place
        self._idle_ms = idle_ms
        self._say = say
        self.costs: list[Spent] = []

    async def of(self, what: str, number: int, work: Awaitable[float | None]) -> None:
        """Do it and write down its price; the work may say itself how many it came to."""
        clock = asyncio.get_running_loop().time
        before, began = await Meter.read(self._place), clock()
        came_to = await work or float(number)
        await asyncio.sleep(_SETTLED_S)  # usage and receipts are written after the answers
        after = await Meter.read(self._place)
        took_s = clock() - began
        idle_s = {name: ms / 1_000 * took_s for name, ms in self._idle_ms.items()}
        self.costs.append(after.since(before, what, came_to, idle_s))
        self._say(self.costs[-1].told())


async def _idle(place: Whole) -> dict[str, float]:
    """The calmest of some moments: one of the parts may still get ready for what comes next."""
    moments = [await _moment(place) for _ in range(_IDLE_TIMES)]
    return {name: min(one[name] for one in moments) for name in moments[0]}


async def _moment(place: Whole) -> dict[str, float]:
    before = await Meter.read(place)
    await asyncio.sleep(_IDLE_S)
    after = await Meter.read(place)
    return {name: 1_000 * (after.cpu_s[name] - before.cpu_s[name]) / _IDLE_S for name in after.cpu_s}


async def _talked(place: Whole, turns: int, words: str) -> None:
    """So many turns of four people, each waiting for their answers."""
    numbers = iter(range(turns))

    async def person(name: str) -> None:
        headers = {"Authorization": f"Bearer {place.up.admin_key}"}
        async with httpx.AsyncClient(
            base_url=place.up.chief, headers=headers, timeout=60, trust_env=False
        ) as web:
            for _ in numbers:
                body = {"message": words, "session_id": name}
                (await web.post("/chat", json=body)).raise_for_status()

    async with asyncio.TaskGroup() as group:
        for number in range(_AT_ONCE):
            group.create_task(person(f"bench-{number}"))


async def _worked(place: Whole, tasks: int) -> None:
    async with place.ops() as ops:
        made = await ops.create_tasks([NewTask(title=_SUM.format(n)) for n in range(1, tasks + 1)])
        await _until_completed(place, made)


async def _reported(place: Whole, reports: int) -> None:
    content = b"day,cups\n" + b"".join(b"2026-01-%02d,%d\n" % (n % 28 + 1, n * 7 % 90) for n in range(500))
    async with place.ops() as ops:
        made = []
        for _ in range(reports):
            file = await ops.upload("cups.csv", content, media_type="text/csv")
            made.append(await ops.create_task(NewTask(title="Analyse cups.csv", attachments=[file.id])))
        await _until_completed(place, made)


async def _until_completed(place: Whole, tasks: Sequence[Task]) -> None:
    """Asked of the database, so that asking is not what is measured."""
    ids = [task.id for task in tasks]
    connection = await asyncpg.connect(place.dsn)
    try:
        async with asyncio.timeout(_PATIENCE_S):
            while await connection.fetchval(_UNDONE, ids):  # noqa: ASYNC110
                await asyncio.sleep(1)
    finally:
        await connection.close()


async def _listening(place: Whole) -> list[Path]:
    """What is to be said, when ears and mouth are loaded, which they then stay."""
    waves = await place.spoken(_PHRASES)
    await place.called(waves[:1])
    return waves


async def _minutes(place: Whole, waves: Sequence[Path]) -> float:
    return (await place.called(waves)).lasted_s / 60


def _cpu_s(pid: int) -> float:
    """Of a process and all that it has started; what of that has ended counts in its parent."""
    total = 0.0
    for process in _tree(pid):
        try:
            times = process.cpu_times()
        except psutil.Error:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


def _memory_mb(place: Whole) -> dict[str, float]:
    return {
        name: sum(_pss(process) for process in _tree(pid)) / 1e6
        for name, pid in place.up.pids.items()
        if name in PARTS
    }


def _pss(process: psutil.Process) -> float:
    try:
        return float(process.memory_full_info().pss)
    except psutil.Error:
        return 0.0


def _tree(pid: int) -> list[psutil.Process]:
    root = psutil.Process(pid)
    return [root, *root.children(recursive=True)]
