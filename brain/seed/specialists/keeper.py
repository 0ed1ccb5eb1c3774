"""Keeps the specialists of this machine: one loop for each, however many workers share the roster.

A specialist is started when it is new and whenever a task asks for it; it ends by itself when it is idle, is
started again when it dies, and is stopped when it is taken off the roster.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog

from agentops import AgentOpsClient, AgentOpsError
from agentops.wire import Task, TaskStatus
from brain.seed.errors import RosterRefused
from brain.seed.specialists.roster import Roster
from brain.seed.specialists.runtimes import Running, Runtime
from brain.seed.specialists.spec import Spec, Specialist

log = structlog.get_logger(__name__)

_LONGEST_PAUSE_S = 60.0
_MOST_WAITING = 200


@dataclass(frozen=True)
class Pace:
    """How often the keeper looks.

    Attributes:
        look_s: At the roster and for work.
        again_s: Pause after the first death in a row; it doubles.
    """

    look_s: float = 2.0
    again_s: float = 1.0


class Keeper:
    """Runs beside a worker until it is cancelled; then all that it started is stopped.

    Args:
        roster: Who there is.
        runtime: How they are started.
        ops: The ledger, to see whether work waits; with the worker's key.
        ops_of: The ledger with a specialist's key, to end that key.
        pace: How often it looks.
    """

    def __init__(
        self,
        roster: Roster,
        runtime: Runtime,
        ops: AgentOpsClient,
        ops_of: Callable[[str], AgentOpsClient],
        pace: Pace = Pace(),
    ) -> None:
        self._roster = roster
        self._runtime = runtime
        self._ops = ops
        self._ops_of = ops_of
        self._pace = pace
        self._kept: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while True:
                for specialist in await asyncio.to_thread(self._roster.all):
                    name = specialist.spec.name
                    if name not in self._kept:
                        self._begin(name, specialist)
                await asyncio.sleep(self._pace.look_s)
        finally:
            for task in self._kept.values():
                task.cancel()
            if self._kept:
                await asyncio.wait(self._kept.values())

    def _begin(self, name: str, specialist: Specialist) -> None:
        task = asyncio.create_task(self._keep(specialist), name=f"specialist-{name}")
        self._kept[name] = task
        task.add_done_callback(lambda _: self._kept.pop(name, None))

    async def _keep(self, specialist: Specialist) -> None:
        """One specialist, from its first start until it is off the roster."""
        name = specialist.spec.name
        with self._roster.kept(name) as mine:
            if not mine:  # another worker of this machine keeps it; look again later, for that one may go
                await asyncio.sleep(_LONGEST_PAUSE_S)
                return
            try:
                await self._lives(specialist)
            except Exception:
                log.exception("specialist.not_kept", name=name)
                await asyncio.sleep(_LONGEST_PAUSE_S)

    async def _lives(self, specialist: Specialist) -> None:
        deaths = 0
        while self._is_listed(specialist):
            if deaths:
                await asyncio.sleep(min(_LONGEST_PAUSE_S, self._pace.again_s * 2 ** (deaths - 1)))
            status = await self._life(specialist)
            if status is None:
                break
            deaths = 0 if status == 0 else deaths + 1
            await self._until_wanted(specialist, at_once=status != 0)
        await self._end_key(specialist)

    async def _life(self, specialist: Specialist) -> int | None:
        """One run of it: how it ended; None when it was taken off the roster."""
        name = specialist.spec.name
        try:
            running = await self._runtime.start(specialist, self._roster.path(name))
        except RosterRefused as error:
            log.warning("specialist.not_started", name=name, reason=str(error))
            return 1
        log.info("specialist.started", name=name)
        try:
            status = await self._ended(specialist, running)
        except asyncio.CancelledError:
            await running.stop()
            raise
        if status is None:
            await running.stop()
            log.info("specialist.removed", name=name)
        else:
            log.info("specialist.ended", name=name, status=status)
        return status

    async def _ended(self, specialist: Specialist, running: Running) -> int | None:
        ending = asyncio.create_task(running.ended())
        try:
            while not ending.done():
                if not self._is_listed(specialist):
                    return None
                await asyncio.wait({ending}, timeout=self._pace.look_s)
            return ending.result()
        finally:
            ending.cancel()

    async def _until_wanted(self, specialist: Specialist, *, at_once: bool) -> None:
        """Until a task asks for it, or it is off the roster; what died in the middle is wanted anyway."""
        while not at_once and self._is_listed(specialist):
            with suppress(AgentOpsError):
                if await self._is_wanted(specialist.spec):
                    return
            await asyncio.sleep(self._pace.look_s)

    async def _is_wanted(self, spec: Spec) -> bool:
        page = await self._ops.list_tasks(status=[TaskStatus.PENDING], limit=_MOST_WAITING)
        return any(_asks_for(task, spec.capabilities) for task in page.items if _may_run(task))

    def _is_listed(self, specialist: Specialist) -> bool:
        try:
            found = self._roster.find(specialist.spec.name)
        except RosterRefused:
            return False
        return found is not None and found.key_id == specialist.key_id

    async def _end_key(self, specialist: Specialist) -> None:
        """What is off the roster comes back under no circumstances."""
        async with self._ops_of(specialist.secret) as ops:
            try:
                await ops.revoke_key(specialist.key_id)
            except AgentOpsError as error:  # ended already, or it runs out by itself
                log.info("specialist.key_not_ended", name=specialist.spec.name, code=error.code)


def _asks_for(task: Task, capabilities: Sequence[str]) -> bool:
    return bool(task.capabilities) and set(task.capabilities) <= set(capabilities)


def _may_run(task: Task) -> bool:
    return task.run_after is None or task.run_after <= datetime.now(UTC)
