"""The worker's process: everything is made and wired here."""

import asyncio
import os
import signal
import stat
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext, suppress
from typing import Any

import structlog

from agentops import AgentOpsClient
from agentops.worker import Work as DoesTasks
from agentops.worker import Worker
from brain.seed import catalog, metrics
from brain.seed.errors import RosterRefused
from brain.seed.role import Role, role_of
from brain.seed.runner import Limits, SkillRunner
from brain.seed.settings import SeedSettings
from brain.seed.specialists.docker import Containers
from brain.seed.specialists.hiring import Hiring
from brain.seed.specialists.idling import Idling
from brain.seed.specialists.keeper import Keeper
from brain.seed.specialists.roster import Roster
from brain.seed.specialists.runtimes import Processes, Runtime
from brain.seed.thinking import Thinking
from brain.seed.work import Work
from brain.seed.workspaces import Workspaces

log = structlog.get_logger(__name__)

_TIME_TO_FINISH_S = 0.8
"""What is nearly done may finish; `cos up` waits three seconds for a part to stop."""


async def serve(settings: SeedSettings) -> None:
    """Works until SIGTERM or SIGINT, or until cancelled; a specialist also until it is idle.

    Raises:
        AgentOpsError: the ledger refuses this worker, for a wrong key for one.
        SystemExit: The chosen model cannot be had, or the specialist's file; the message says what to do.
    """
    skills = {skill.name: skill for skill in catalog.load()}
    role = role_of(settings, sorted(skills))
    hiring = _hiring(settings, role)
    runner = SkillRunner(
        Limits(settings.skill_memory_mb, settings.skill_timeout_s),
        modules=tuple(catalog.preloads(list(skills.values()))),
        cache=settings.place / "cache" / "skills",
        warm=settings.warm and not role.thinks,
    )
    with Workspaces(settings.place / "work") as workspaces:
        async with (
            _ledger(settings) as ops,
            runner,
            Thinking(settings, role, ops, workspaces, hiring) as thinking,
        ):
            work = thinking.do if role.thinks else Work(ops, runner, skills, workspaces).do
            await runner.prepare()
            await _worked(settings, role, ops, work, runner, hiring)
    log.info("worker.stopped")


async def _worked(
    settings: SeedSettings,
    role: Role,
    ops: AgentOpsClient,
    work: DoesTasks,
    runner: SkillRunner,
    hiring: Hiring | None,
) -> None:
    """Until there is a reason to stop."""
    work = metrics.counted(work)
    metrics.SLOTS.set(role.slots)
    idling = Idling(role.spec, work, ops) if role.spec else None
    worker = Worker(
        ops,
        role.agent,
        idling.do if idling else work,
        slots=role.slots,
        lease_s=settings.lease_s,
        heartbeat_s=settings.heartbeat_s,
        poll_s=settings.poll_s,
        grace_s=_TIME_TO_FINISH_S,
        afterwards=runner.prepare if settings.warm and not role.thinks else None,
        only_matching=role.spec is not None,
    )
    beside: list[Coroutine[Any, Any, None]] = []
    if idling:
        beside.append(_stopped_when_idle(worker, idling, settings.specialist_idle_s))
        _stop_with_the_keeper(worker)
    if hiring:
        beside.append(Keeper(hiring.roster, _runtime(settings, ops), ops, _client_of(settings)).run())
    with structlog.contextvars.bound_contextvars(agent=role.agent.name), _stopped_by_signals(worker):
        async with _watched(settings), _beside(*beside):
            await worker.run()


def _watched(settings: SeedSettings) -> AbstractAsyncContextManager[None]:
    """Open to Prometheus, if the settings say where."""
    if not settings.port:
        return nullcontext()
    # Here, because a worker that nobody watches need not carry a server.
    from brain.seed.watching import watchable

    return watchable(settings)


def _hiring(settings: SeedSettings, role: Role) -> Hiring | None:
    """Only workers for everything raise specialists, and only with a model that can write a spec."""
    if role.spec or not role.thinks or not settings.specialists_max:
        return None
    return Hiring(Roster(settings.place / "specialists"), settings.specialists_max)


def _runtime(settings: SeedSettings, ops: AgentOpsClient) -> Runtime:
    told = settings.for_specialists()
    if settings.specialist_runtime == "scaleway":
        return _at_scaleway(settings, told, ops)
    if settings.specialist_runtime == "docker":
        return Containers(told, settings.docker_socket, settings.specialist_image, settings.docker_network)
    return Processes(told, settings.place / "logs")


def _at_scaleway(settings: SeedSettings, told: Mapping[str, str], ops: AgentOpsClient) -> Runtime:
    # Here, because other workers need not carry Scaleway's library.
    from brain.seed.specialists.scaleway import Account, Namespace
    from brain.seed.specialists.serverless import Pace, Serverless, is_reachable

    if not is_reachable(settings.ledger_url, settings.scaleway_api_url):
        raise SystemExit(
            f"LEDGER_URL is {settings.ledger_url}, which no container at Scaleway can reach: name the "
            "ledger's public address, or set SEED_SPECIALIST_RUNTIME to process or docker."
        )
    account = Account(
        access_key=settings.scaleway_access_key,
        secret_key=settings.scaleway_secret_key.get_secret_value(),
        namespace=settings.scaleway_namespace,
        region=settings.scaleway_region,
        private_network=settings.scaleway_private_network,
        api_url=settings.scaleway_api_url,
    )
    try:
        namespace = Namespace(account)
    except RosterRefused as wrong:
        raise SystemExit(str(wrong)) from None
    return Serverless(told, namespace, settings.specialist_image, ops, Pace(settings.specialist_idle_s))


def _ledger(settings: SeedSettings) -> AgentOpsClient:
    return AgentOpsClient(settings.ledger_url, settings.ledger_api_key.get_secret_value())


def _client_of(settings: SeedSettings) -> Any:
    def client(secret: str) -> AgentOpsClient:
        return AgentOpsClient(settings.ledger_url, secret)

    return client


async def _stopped_when_idle(worker: Worker, idling: Idling, idle_s: float) -> None:
    await idling.until_idle(idle_s)
    log.info("specialist.idle", idle_s=idle_s)
    worker.stop()


def _stop_with_the_keeper(worker: Worker) -> None:
    """A keeper holds the other end of the standard input; when it goes, however it goes, this ends too."""
    mode = os.fstat(0).st_mode
    if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)):
        return
    loop = asyncio.get_running_loop()

    def wait() -> None:
        # Not by sys.stdin: its lock, held here, would abort the interpreter's end.
        with suppress(OSError):
            while os.read(0, 1):
                pass
        with suppress(RuntimeError):  # the loop has ended before
            loop.call_soon_threadsafe(worker.stop)

    threading.Thread(target=wait, name="keeper", daemon=True).start()


@asynccontextmanager
async def _beside(*works: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Runs these while the block runs; what goes wrong in one is logged and stops nothing."""
    tasks = [asyncio.create_task(_logged(work)) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)


async def _logged(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except Exception:
        log.exception("worker.helper_failed")


@contextmanager
def _stopped_by_signals(worker: Worker) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, worker.stop)
    try:
        yield
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
