"""`cos bench faults`: kill -9 of the ledger, PostgreSQL and Redis in turn under load, and then an audit.

Clients behave as the SDK does: what was not answered is sent again, with the same idempotency key. The
audit asks the database, not the clients: what was acknowledged must be there, once.
"""

import asyncio
import os
import random
import signal
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import asyncpg
import msgspec

from ops.bench import stage
from ops.bench.lane import Lane, Refused
from ops.bench.measuring import Say

PRODUCERS = 4
WORKERS = 4
CALM_S = (0.2, 0.6)
"""How long the load runs undisturbed between two kills."""
AGAIN_S = 0.05
HEAL_S = 60.0


class Audit(msgspec.Struct, frozen=True):
    """What was acknowledged, and what of it is wrong."""

    kills: dict[str, int]
    created: int
    completed: int
    repeated_posts: int
    """POSTs that were sent again after they had been answered."""
    retried: int
    """Requests that had to be sent again because no answer came."""
    lost: int
    """Acknowledged writes that are not there."""
    done_twice: int
    duplicates: int
    """Keys under which more than one task was made, or that answered with another task."""
    events_wrong: int
    """Events that a reader missed or saw twice, through all the kills."""

    @property
    def clean(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.lost or self.done_twice or self.duplicates or self.events_wrong)

    def told(self) -> str:
        """For people."""
        kills = ", ".join(f"{name} {times}" for name, times in self.kills.items())
        return (
            f"{'ok  ' if self.clean else 'MISS'} kill -9: {kills}; {self.created} created and "
            f"{self.completed} completed were acknowledged; {self.retried} requests sent again unanswered, "
            f"{self.repeated_posts} after their answer\n"
            f"     {self.lost} lost, {self.done_twice} done twice, {self.duplicates} duplicates, "
            f"{self.events_wrong} events missed or repeated"
        )


@dataclass
class _Book:
    """The clients' own book of what was acknowledged."""

    created: dict[str, str] = field(default_factory=dict)
    """Title (which is also the key) → id."""
    completed: dict[str, str] = field(default_factory=dict)
    """Id → who completed it."""
    cursors: list[str] = field(default_factory=list)
    repeated: int = 0
    retried: int = 0
    duplicates: int = 0
    producing: bool = True


async def run(times: int, say: Say) -> Audit:
    """Kills each of the three `times` times, and audits."""
    with tempfile.TemporaryDirectory(prefix="cos-faults-") as home:
        async with stage.opened(Path(home)) as place:
            dsn = await place.database("faults")
            async with place.ledger(dsn) as process:
                book = _Book()
                kills = await _under_load(place, process, book, times, say)
            return await _audited(dsn, book, kills)


async def _under_load(
    place: stage.Stage, process: stage.LedgerProcess, book: _Book, times: int, say: Say
) -> dict[str, int]:
    kills: Counter[str] = Counter()
    async with asyncio.TaskGroup() as group:
        for n in range(PRODUCERS):
            group.create_task(_with_client(process, book, partial(_produce, name=f"p{n}")))
        for n in range(WORKERS):
            group.create_task(_with_client(process, book, partial(_work, name=f"w{n}")))
        group.create_task(_with_client(process, book, _read))
        for number in range(times):
            for name, kill in _victims(place, process).items():
                await asyncio.sleep(random.uniform(*CALM_S))  # noqa: S311
                say(f"kill {number + 1} of {times}: {name}")
                await kill()
                kills[name] += 1
        await asyncio.sleep(CALM_S[1])
        book.producing = False
    return dict(kills)


def _victims(place: stage.Stage, process: stage.LedgerProcess) -> dict[str, Callable[[], Awaitable[None]]]:
    async def ledger() -> None:
        await process.kill()
        await process.start()

    async def postgres() -> None:
        os.kill(place.postgres.pid, signal.SIGKILL)
        await place.postgres.wait()
        await place.postgres.start()

    async def redis() -> None:
        os.kill(place.redis.pid, signal.SIGKILL)
        await place.redis.wait()
        await place.redis.start()

    return {"ledger": ledger, "postgres": postgres, "redis": redis}


class _Client:
    """Asks until it is answered."""

    def __init__(self, lane: Lane, book: _Book) -> None:
        self._lane = lane
        self.book = book

    async def post(self, path: str, body: object, *, key: str) -> Any:
        """As `Lane.post`; a refusal other than 503 comes through."""
        return await self._stubbornly(lambda: self._lane.post(path, body, key=key))

    async def get(self, path: str) -> Any:
        """As `Lane.get`."""
        return await self._stubbornly(lambda: self._lane.get(path))

    async def _stubbornly(self, ask: Callable[[], Awaitable[Any]]) -> Any:
        async with asyncio.timeout(HEAL_S):
            while True:
                try:
                    return await ask()
                except Refused as refused:
                    if refused.status != 503:
                        raise
                except (OSError, TimeoutError):
                    await self._reconnect()
                self.book.retried += 1
                await asyncio.sleep(AGAIN_S)

    async def _reconnect(self) -> None:
        await self._lane.close()
        try:
            await self._lane.open()
        except OSError:
            return


async def _with_client(
    process: stage.LedgerProcess, book: _Book, work: Callable[["_Client"], Awaitable[None]]
) -> None:
    lane = Lane(*process.address, process.admin_key)
    try:
        await work(_Client(lane, book))
    finally:
        await lane.close()


async def _produce(client: _Client, name: str) -> None:
    book = client.book
    for number in count():
        if not book.producing:
            return
        title = f"{name}-{number}"
        task = await client.post("/tasks", {"title": title}, key=title)
        book.created[title] = task["id"]
        if number % 5 == 0:
            again = await client.post("/tasks", {"title": title}, key=title)
            book.repeated += 1
            book.duplicates += again["id"] != task["id"]


async def _work(client: _Client, name: str) -> None:
    """Until nobody produces any more and nothing is left."""
    book = client.book
    for number in count():
        body = {"agent": name, "n": 2, "lease_s": 300}
        claims = (await client.post("/tasks/claim-next", body, key=f"{name}-claim-{number}"))["claims"]
        if not claims and not book.producing:
            return
        for claim in claims:
            task_id = claim["task"]["id"]
            done = {"epoch": claim["epoch"], "result": {"by": name}}
            await client.post(f"/tasks/{task_id}/complete", done, key=f"{name}-done-{task_id}")
            book.completed[task_id] = name


async def _read(client: _Client) -> None:
    """A reader of the log who resumes behind its last event."""
    cursor, idle = "0", 0
    while idle < 10:
        page = await client.get(f"/events?after={cursor}&limit=200")
        client.book.cursors += [event["cursor"] for event in page["events"]]
        cursor = page["cursor"]
        idle = 0 if page["events"] or client.book.producing else idle + 1
        await asyncio.sleep(0.02)


async def _audited(dsn: str, book: _Book, kills: dict[str, int]) -> Audit:
    connection = await asyncpg.connect(dsn)
    try:
        tasks = await connection.fetch("SELECT id::text, title, status, result->>'by' AS by FROM task")
        done = await connection.fetch(
            "SELECT entity_id, count(*) AS n FROM event WHERE type = 'task.completed' GROUP BY entity_id"
        )
        log = await connection.fetch("SELECT xid || '-' || seq AS cursor FROM event ORDER BY xid, seq")
    finally:
        await connection.close()
    known = {task["id"]: task for task in tasks}
    per_title = Counter(task["title"] for task in tasks)
    lost = [one for one in book.created.values() if one not in known]
    lost += [
        one
        for one, by in book.completed.items()
        if one not in known or (known[one]["status"], known[one]["by"]) != ("completed", by)
    ]
    return Audit(
        kills=kills,
        created=len(book.created),
        completed=len(book.completed),
        repeated_posts=book.repeated,
        retried=book.retried,
        lost=len(lost),
        done_twice=sum(row["n"] > 1 for row in done),
        duplicates=book.duplicates + sum(times > 1 for times in per_title.values()),
        events_wrong=_difference(book.cursors, [row["cursor"] for row in log]),
    )


def _difference(read: list[str], log: list[str]) -> int:
    """How many events were missed, repeated, or read in another order than the log's."""
    if read == log:
        return 0
    missed = Counter(log) - Counter(read)
    extra = Counter(read) - Counter(log)
    return max(1, missed.total() + extra.total())
