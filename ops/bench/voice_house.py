"""A house with a telephone: ledger, chief and gateways in processes of their own, as `cos up` makes them.

PostgreSQL and Redis write every promise to disk; the chief thinks without a model of anybody's (`offline`).
"""

import os
import secrets
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from agentops import AgentOpsClient
from agentops.wire import NewContact, NewPerson, Role
from gateway.session.redis_client import open_redis
from gateway.session.redis_stream import RedisSessionStream
from gateway.session.turns import SessionId
from ops.bench import stage
from ops.logs import LEVELS, LogView, to_stderr
from ops.phone_calls import Network
from ops.phone_figures import Figures, figures_of
from ops.process import PartProcess

OURS = "+14155550100"
_ACCOUNT = f"AC{'0' * 32}"
_PUBLIC = "https://phone.example"
_NOWHERE = "http://127.0.0.1:9"
MAIN = SessionId("main")


@dataclass(frozen=True)
class Resident:
    """Somebody who may call."""

    number: str
    session: SessionId


@dataclass(frozen=True)
class Answerer:
    """A gateway that takes calls."""

    url: str
    network: Network
    part: PartProcess
    key: str

    @property
    def cpu_s(self) -> float:
        """Seconds of processor that it has used."""
        times = psutil.Process(self.part.pid).cpu_times()
        return float(times.user + times.system)

    @property
    def memory_mb(self) -> float:
        """Its proportional share of memory."""
        return pss_mb(self.part.pid)

    async def figures(self) -> Figures:
        """Its Prometheus samples."""
        return await figures_of(self.url, self.key)


@dataclass
class House:
    """What is shared by all gateways."""

    home: Path
    redis_url: str
    ledger_url: str
    key: str
    ops: AgentOpsClient
    stream: RedisSessionStream
    chief: PartProcess | None = None
    _people: list[Resident] = field(default_factory=list)

    async def residents(self, count: int) -> list[Resident]:
        """So many people, each with a session of their own; the first is the owner."""
        while len(self._people) < count:
            self._people.append(await self._moved_in(len(self._people)))
        return self._people[:count]

    async def _moved_in(self, number: int) -> Resident:
        address = f"+4930123456{number:02}"
        role = Role.MEMBER if number else Role.OWNER
        person = await self.ops.create_person(NewPerson(name=f"Ada {number}" if number else "Ada", role=role))
        await self.ops.add_contact(person.id, NewContact(channel="phone", address=address, verified=True))
        return Resident(address, SessionId(f"person-{person.id}") if number else MAIN)

    @asynccontextmanager
    async def gateway(self, **extra: str) -> AsyncIterator[Answerer]:
        """One more that takes calls; `extra` are variables of its environment."""
        port, token = stage.free_port(), secrets.token_hex(16)
        own = {
            "GATEWAY_PORT": str(port),
            "TWILIO_ACCOUNT_SID": _ACCOUNT,
            "TWILIO_AUTH_TOKEN": token,
            "TWILIO_PHONE_NUMBER": OURS,
            "TWILIO_API_BASE": _NOWHERE,
            "PHONE_PUBLIC_URL": _PUBLIC,
            "PHONE_PIN_WHEN": "unattested",
            "PHONE_MAX_CALLS": "100",
        }
        url = f"http://127.0.0.1:{port}"
        async with self.part("gateway", f"{url}/health/ready", {**own, **extra}) as part:
            yield Answerer(url, Network(_ACCOUNT, token, _PUBLIC, url), part, self.key)

    @asynccontextmanager
    async def part(self, name: str, ready_url: str, extra: Mapping[str, str]) -> AsyncIterator[PartProcess]:
        """A part as `cos run` makes it."""
        told = {one: os.environ[one] for one in ("PATH", "HOME", "TMPDIR") if one in os.environ}
        environment = {
            **told,
            "COS_HOME": str(self.home),
            "LEDGER_URL": self.ledger_url,
            "LEDGER_API_KEY": self.key,
            "REDIS_URL": self.redis_url,
            "COS_MODEL": "offline",
            "LOG_LEVEL": "warning",
            "LOG_FORMAT": "json",
            **extra,
        }
        view = LogView(to_stderr, least=LEVELS["error"])
        async with httpx.AsyncClient(trust_env=False) as web:
            process = PartProcess(
                name, lambda: environment, self.home, lambda: _answers(web, ready_url), view
            )
            await process.start()
            try:
                yield process
            finally:
                await process.stop()


@asynccontextmanager
async def opened() -> AsyncIterator[House]:
    """Everything but a gateway, in a folder of its own; all of it is stopped at the end."""
    with tempfile.TemporaryDirectory(prefix="cos-bench-") as folder:
        async with stage.opened(Path(folder)) as servers:
            dsn = await servers.database("bench_voice")
            async with (
                servers.ledger(dsn) as ledger,
                AgentOpsClient("http://{}:{}".format(*ledger.address), ledger.admin_key) as ops,
                open_redis(servers.redis.url) as redis,
            ):
                house = House(
                    Path(folder),
                    servers.redis.url,
                    "http://{}:{}".format(*ledger.address),
                    ledger.admin_key,
                    ops,
                    RedisSessionStream(redis),
                )
                port = stage.free_port()
                ready = f"http://127.0.0.1:{port}/health/ready"
                async with house.part("chief", ready, {"CHIEF_PORT": str(port)}) as chief:
                    house.chief = chief
                    yield house


def pss_mb(pid: int) -> float:
    """Resident memory of a process, of what it shares with others its part; in megabytes."""
    return float(psutil.Process(pid).memory_full_info().pss) / 1e6


async def _answers(web: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await web.get(url)).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
