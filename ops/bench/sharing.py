"""Two of each part that may be many, on one PostgreSQL and one Redis: how they share what comes."""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

import asyncpg
import httpx
import msgspec
from prometheus_client.parser import text_string_to_metric_families

from agentops import AgentOpsClient
from ops import keys
from ops.bench import stage
from ops.bench.whole import Whole
from ops.logs import LEVELS, LogView, to_stderr
from ops.parts import PARTS, environment_of
from ops.process import PartProcess
from ops.settings import OpsSettings

_SECOND = "seed-2"
_ATTEMPTS = "SELECT agent = $1 AS second, count(*) AS n FROM task_attempt GROUP BY 1"


class Shares(msgspec.Struct, frozen=True, kw_only=True):
    """Who did how much, the first of each first."""

    turns: tuple[int, int]
    """Of the chiefs; all were said to the first one's door."""
    requests: tuple[int, int]
    """Of the ledgers: the second has only the second chief and the second worker for clients."""
    tasks: tuple[int, int]
    """Of the workers."""

    def told(self) -> str:
        """For people."""
        return (
            f"shared: turns {self.turns[0]} and {self.turns[1]}, requests {self.requests[0]} and "
            f"{self.requests[1]}, tasks {self.tasks[0]} and {self.tasks[1]}"
        )


class Counting:
    """Reads what the parts themselves count; `shares` tells what came since it was made.

    Args:
        place: The first of each.
        second: URLs of the second ledger and chief.
    """

    def __init__(self, place: Whole, second: Mapping[str, str]) -> None:
        self._place = place
        self._second = second
        self._before: tuple[tuple[int, int], ...] = ()

    async def begin(self) -> None:
        """From now on."""
        self._before = await self._read()

    async def shares(self) -> Shares:
        """Since `begin`."""
        pairs = zip(self._before, await self._read(), strict=True)
        turns, requests, tasks = [(now[0] - was[0], now[1] - was[1]) for was, now in pairs]
        return Shares(turns=turns, requests=requests, tasks=tasks)

    async def _read(self) -> tuple[tuple[int, int], ...]:
        up, second = self._place.up, self._second
        turns = [await self._sum(f"{url}/metrics", "cos_chief_turns") for url in (up.chief, second["chief"])]
        requests = [
            await self._sum(f"{url}/api/v1/metrics", "ledger_requests")
            for url in (up.ledger, second["ledger"])
        ]
        return (turns[0], turns[1]), (requests[0], requests[1]), await self._tasks()

    async def _sum(self, url: str, counter: str) -> int:
        headers = {"Authorization": f"Bearer {self._place.up.reader_key}"}
        async with httpx.AsyncClient(trust_env=False, headers=headers, timeout=30) as web:
            answer = (await web.get(url)).raise_for_status()
        found = [one for one in text_string_to_metric_families(answer.text) if one.name == counter]
        return int(
            sum(one.value for family in found for one in family.samples if one.name.endswith("_total"))
        )

    async def _tasks(self) -> tuple[int, int]:
        connection = await asyncpg.connect(self._place.dsn)
        try:
            rows = await connection.fetch(_ATTEMPTS, _SECOND)
        finally:
            await connection.close()
        done = {row["second"]: int(row["n"]) for row in rows}
        return done.get(False, 0), done.get(True, 0)


def _same(environment: Mapping[str, str]) -> Mapping[str, str]:
    return environment


@asynccontextmanager
async def doubled(place: Whole) -> AsyncIterator[Counting]:
    """A second ledger, chief and worker beside the first ones; both of the latter ask the second ledger."""
    ports = {f"{part}_port": stage.free_port() for part in ("ledger", "chief")}
    settings = OpsSettings.model_validate({"home": place.home, **ports})
    told = {"COS_MODEL": "offline", "SEED_NAME": _SECOND, "PATH": os.environ["PATH"]}
    held = keys.load_or_make(place.home)
    view = LogView(to_stderr, least=LEVELS["error"])
    async with AsyncExitStack() as stack:
        web = await stack.enter_async_context(httpx.AsyncClient(trust_env=False))
        ops = await stack.enter_async_context(AgentOpsClient(place.up.ledger, held.reader))

        async def answers(name: str) -> bool:
            if name == "seed":
                return _SECOND in {agent.name for agent in await ops.list_agents()}
            try:
                answer = await web.get(settings.url(name) + (PARTS[name].ready_path or ""))
            except httpx.TransportError:
                return False
            return answer.status_code == httpx.codes.OK

        for name in ("ledger", "chief", "seed"):
            environment = environment_of(PARTS[name], told, settings, held, dsn=place.dsn, redis=place.redis)
            process = PartProcess(name, partial(_same, environment), place.home, partial(answers, name), view)
            await process.start()
            stack.push_async_callback(process.stop)
        yield Counting(place, {name: settings.url(name) for name in ("ledger", "chief")})
