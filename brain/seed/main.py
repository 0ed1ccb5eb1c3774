"""The worker's process: everything is made and wired here."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version

import structlog

from agentops import AgentOpsClient
from agentops.wire import NewAgent
from agentops.worker import Worker
from brain.seed import catalog
from brain.seed.runner import Limits, SkillRunner
from brain.seed.settings import SeedSettings
from brain.seed.work import Work
from brain.seed.workspaces import Workspaces

log = structlog.get_logger(__name__)

_TIME_TO_FINISH_S = 0.8
"""What is nearly done may finish; `cos up` waits three seconds for a part to stop."""


async def serve(settings: SeedSettings) -> None:
    """Works until SIGTERM or SIGINT, or until cancelled.

    Raises:
        AgentOpsError: the ledger refuses this worker, for a wrong key for one.
    """
    skills = {skill.name: skill for skill in catalog.load()}
    runner = SkillRunner(
        Limits(settings.skill_memory_mb, settings.skill_timeout_s),
        modules=tuple(catalog.preloads(list(skills.values()))),
        cache=settings.place / "cache" / "skills",
        warm=settings.warm,
    )
    agent = NewAgent(name=settings.name, kind="seed", capabilities=sorted(skills), software=_software())
    with Workspaces(settings.place / "work") as workspaces:
        async with (
            AgentOpsClient(settings.ledger_url, settings.ledger_api_key.get_secret_value()) as ops,
            runner,
        ):
            worker = Worker(
                ops,
                agent,
                Work(ops, runner, skills, workspaces).do,
                slots=settings.slots,
                lease_s=settings.lease_s,
                heartbeat_s=settings.heartbeat_s,
                poll_s=settings.poll_s,
                grace_s=_TIME_TO_FINISH_S,
                afterwards=runner.prepare,
            )
            await runner.prepare()
            with structlog.contextvars.bound_contextvars(agent=settings.name), _stopped_by_signals(worker):
                await worker.run()
    log.info("worker.stopped")


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


def _software() -> str:
    try:
        return f"chief-of-staff {version('chief-of-staff')}"
    except PackageNotFoundError:  # run from a source tree
        return "chief-of-staff"
