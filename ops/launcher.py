"""`cos up`: the whole of it on one machine, brought up in order and kept up.

PostgreSQL and Redis (unless given), then the ledger, and with it chief, seed, gateway and panel.
"""

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

import httpx
import msgspec

from agentops import AgentOpsClient
from agentops.errors import AgentOpsError
from agentops.wire import AgentStatus
from brain.models import ModelUnavailableError, choose
from brain.settings import ModelSettings
from ops import keys as keys_of_home
from ops import ports
from ops.embedded import places
from ops.embedded.postgres import EmbeddedPostgres
from ops.embedded.redis import EmbeddedRedis
from ops.errors import SettingsUnusable
from ops.logins import login_url
from ops.logs import LogView
from ops.parts import PARTS, SEED_NAME, Part, environment_of
from ops.process import PartProcess, Ready
from ops.runstate import Home, Running, RunState
from ops.settings import PORTS, OpsSettings, environment
from ops.supervisor import Service, Supervisor

# Together with what PostgreSQL and Redis take, under 5 s from Ctrl-C to the end.
PART_STOP_S = 1.8
LEDGER_STOP_S = 0.6
CLOCK_SKEW = timedelta(seconds=5)
"""Between this machine and a PostgreSQL elsewhere, whose clock the ledger goes by."""


class Up(msgspec.Struct, frozen=True):
    """What `cos up --json` prints. Scripts rely on the names."""

    panel: str
    login_url: str
    ledger: str
    chief: str
    gateway: str
    admin_key: str
    agent_key: str
    reader_key: str
    pids: dict[str, int]


@dataclass(frozen=True)
class Reporter:
    """What is told while it comes up."""

    starting: Callable[[str], None]
    started: Callable[[str], None]
    ready: Callable[[Up], None]


def model_in_use() -> str:
    """The model that the settings choose, as `COS_MODEL` spells it.

    Raises:
        SettingsUnusable: `COS_MODEL` cannot be understood.
    """
    try:
        return str(choose(ModelSettings.model_validate({})))
    except ModelUnavailableError as error:
        raise SettingsUnusable(str(error)) from error


async def up(settings: OpsSettings, reporter: Reporter, view: LogView) -> None:
    """Bring everything up and keep it up until SIGINT, SIGTERM or SIGHUP; then stop it, in under 5 s.

    Raises:
        AlreadyRunning: another supervisor holds this COS_HOME.
        OpsError: something does not start; everything that did has been stopped again.
    """
    model_in_use()
    home = Home(places.private_directory(settings.place))
    places.private_directory(settings.place / "logs")
    with home.held():
        await home.clear()
        ports.demand_free(settings.bind_host, {part: settings.port(part) for part in PORTS})
        await _until_signalled(_Launch(settings, home, reporter, view).run)


async def migrate(settings: OpsSettings) -> None:
    """Bring the database to this version's tables; the embedded one is started for it."""
    # Not at the top: the supervisor runs for weeks, and need not carry a database engine.
    from ledger.migrate import forwards

    if settings.database_url:
        await forwards(settings.database_url.get_secret_value())
        return
    home = Home(places.private_directory(settings.place))
    with home.held():
        async with EmbeddedPostgres(home.place) as postgres:
            await forwards(postgres.dsn)


async def _until_signalled(work: Callable[[], Coroutine[None, None, None]]) -> None:
    """Run `work` until it ends or a signal cancels it."""
    loop = asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(work())

        def stop() -> None:
            for number in signals:
                # A second Ctrl-C must not interrupt the stopping.
                loop.add_signal_handler(number, lambda: None)
            task.cancel()

        for number in signals:
            loop.add_signal_handler(number, stop)


class _Launch:
    """One run of `cos up`."""

    def __init__(self, settings: OpsSettings, home: Home, reporter: Reporter, view: LogView):
        self._settings = settings
        self._home = home
        self._reporter = reporter
        self._view = view
        self._keys = keys_of_home.load_or_make(home.place)
        self._told = environment()
        self._postgres = None if settings.database_url else EmbeddedPostgres(home.place)
        self._redis = None if settings.redis_url else EmbeddedRedis(home.place)
        self._services: dict[str, Service] = {}
        self._supervisor = Running.of(os.getpid())
        self._running: dict[str, Running] = {}
        self._begun: dict[str, datetime] = {}
        self._ready = False

    async def run(self) -> None:
        self._note()
        # No proxy of the environment may stand between programs of one machine.
        async with httpx.AsyncClient(timeout=2, trust_env=False) as client, self._ledger() as ledger:
            parts = {part.name: self._part(part, client, ledger) for part in PARTS.values()}
            embedded = [service for service in (self._postgres, self._redis) if service]
            rest = [part for name, part in parts.items() if name != "ledger"]
            self._services = {service.name: service for service in (*embedded, *parts.values())}
            supervisor = Supervisor(
                # The others load while the ledger starts, and begin when it answers (COS_AWAIT_LEDGER).
                starts=(embedded, list(parts.values())),
                stops=(rest, [parts["ledger"]], embedded),
                starting=self._starting,
                started=self._started,
            )
            await supervisor.run(lambda: self._when_ready(ledger))

    def _ledger(self) -> AgentOpsClient:
        return AgentOpsClient(url=self._settings.url("ledger"), api_key=self._keys.admin)

    def _part(self, part: Part, client: httpx.AsyncClient, ledger: AgentOpsClient) -> PartProcess:
        if part.ready_path is None:
            ready: Ready = partial(self._is_at_work, part.name, ledger)
        else:
            ready = partial(_answers, client, self._settings.url(part.name) + part.ready_path)
        return PartProcess(
            part.name,
            environment=partial(self._environment, part),
            home=self._home.place,
            ready=ready,
            view=self._view,
            timeout_s=self._settings.start_timeout_s,
            stop_s=LEDGER_STOP_S if part.name == "ledger" else PART_STOP_S,
        )

    def _environment(self, part: Part) -> Mapping[str, str]:
        return environment_of(
            part, self._told, self._settings, self._keys, dsn=self._dsn(), redis=self._redis_url()
        )

    def _dsn(self) -> str:
        given = self._settings.database_url
        return self._postgres.dsn if self._postgres else given.get_secret_value() if given else ""

    def _redis_url(self) -> str:
        given = self._settings.redis_url
        return self._redis.url if self._redis else given.get_secret_value() if given else ""

    def _starting(self, name: str) -> None:
        self._begun[name] = datetime.now(UTC)
        if not self._ready:
            self._reporter.starting(name)

    def _started(self, name: str) -> None:
        self._running[name] = Running.of(self._services[name].pid)
        self._note()
        if not self._ready:
            self._reporter.started(name)

    async def _is_at_work(self, name: str, ledger: AgentOpsClient) -> bool:
        """Whether the ledger has heard of the agent since it was started."""
        try:
            seen = await ledger.get_agent(self._told.get("SEED_NAME", SEED_NAME))
        except AgentOpsError:
            return False
        return seen.status is AgentStatus.ONLINE and seen.last_seen_at >= self._begun[name] - CLOCK_SKEW

    async def _when_ready(self, ledger: AgentOpsClient) -> None:
        self._ready = True
        self._note()
        self._reporter.ready(
            Up(
                panel=self._settings.panel,
                login_url=await login_url(ledger, self._settings.panel),
                ledger=self._settings.url("ledger"),
                chief=self._settings.url("chief"),
                gateway=self._settings.url("gateway"),
                admin_key=self._keys.admin,
                agent_key=self._keys.agent,
                reader_key=self._keys.reader,
                pids={name: running.pid for name, running in self._running.items()},
            )
        )

    def _note(self) -> None:
        self._home.write(
            RunState(
                supervisor=self._supervisor,
                panel=self._settings.panel,
                ledger=self._settings.url("ledger"),
                chief=self._settings.url("chief"),
                gateway=self._settings.url("gateway"),
                ui=self._settings.url("ui"),
                ready=self._ready,
                parts=self._running,
            )
        )


async def _answers(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url)).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
