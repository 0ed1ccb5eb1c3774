"""Keeps services running: started in stages, restarted when they crash, stopped in stages."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

from ops.errors import OpsError

FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 30.0
CALM_S = 60.0
"""After so long without a crash, the next pause is the first one again."""

log = structlog.get_logger(__name__)


class Service(Protocol):
    """A program that can be started again and again."""

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    @property
    def pid(self) -> int:
        """Of the running program."""
        ...

    async def start(self) -> None:
        """Return when it is ready; raise OpsError, with nothing left running, when it will not be."""
        ...

    async def wait(self) -> int:
        """Until the program ends; its exit code."""
        ...

    async def stop(self) -> None:
        """Stop it; harmless when it does not run."""
        ...


def _nothing(_: str) -> None:
    return


@dataclass
class Supervisor:
    """Runs services in stages: a stage starts, or stops, when the one before it has."""

    starts: Sequence[Sequence[Service]]
    stops: Sequence[Sequence[Service]]
    starting: Callable[[str], None] = _nothing
    started: Callable[[str], None] = _nothing
    """Called after each start, also a restart: process ids have changed."""

    async def run(self, when_ready: Callable[[], Awaitable[None]]) -> None:
        """Start everything, call `when_ready`, keep everything running until cancelled.

        Raises:
            ExceptionGroup: of OpsError, when something does not start the first time.
        """
        try:
            async with asyncio.TaskGroup() as keepers:
                for stage in self.starts:
                    async with asyncio.TaskGroup() as starters:
                        for service in stage:
                            starters.create_task(self._start(service))
                    for service in stage:
                        keepers.create_task(self._keep(service))
                await when_ready()
        finally:
            await self._stop()

    async def _start(self, service: Service) -> None:
        self.starting(service.name)
        await service.start()
        self.started(service.name)

    async def _keep(self, service: Service) -> None:
        """Start the service again whenever it ends, each time after a longer pause."""
        clock = asyncio.get_running_loop().time
        pause_s = FIRST_PAUSE_S
        while True:
            since = clock()
            code = await service.wait()
            if clock() - since > CALM_S:
                pause_s = FIRST_PAUSE_S
            log.warning("part.crashed", name=service.name, exit_code=code, restart_in_s=pause_s)
            pause_s = await self._restart(service, pause_s)
            log.info("part.restarted", name=service.name, pid=service.pid)

    async def _restart(self, service: Service, pause_s: float) -> float:
        """Try until it is ready; returns the next pause."""
        while True:
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
            try:
                await self._start(service)
            except OpsError as error:
                log.warning("part.restart_failed", name=service.name, error=str(error), retry_in_s=pause_s)
            else:
                return pause_s

    async def _stop(self) -> None:
        for stage in self.stops:
            async with asyncio.TaskGroup() as stopping:
                for service in stage:
                    stopping.create_task(service.stop())
