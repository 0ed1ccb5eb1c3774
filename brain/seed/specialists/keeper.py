"""Keeps the specialists of this machine: one loop for each, however many workers share the roster.

A specialist is started when it is new and whenever a task asks for it; it ends by itself when it is idle, is
started again when it dies, and is stopped when the person says so, or when it is taken off the roster: here,
or by the end of its key in the ledger.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import structlog

from agentops import AgentOpsClient, AgentOpsError, Unauthenticated
from brain.seed.errors import RosterRefused
from brain.seed.specialists.demand import is_wanted
from brain.seed.specialists.roster import Roster
from brain.seed.specialists.runtimes import Running, Runtime
from brain.seed.specialists.spec import Specialist

log = structlog.get_logger(__name__)

_LONGEST_PAUSE_S = 60.0


@dataclass(frozen=True)
class Pace:
    """How often the keeper looks.

    Attributes:
        look_s: At the roster and for work.
        again_s: Pause after the first death in a row; it doubles.
        ask_s: Between two questions to the ledger whether a specialist's key is still good.
    """

    look_s: float = 2.0
    again_s: float = 1.0
    ask_s: float = 10.0


class Keeper:
    """Runs beside a worker until it is cancelled; then all that it started is stopped.

    Args:
        roster: Who there is.
        runtime: How they are started.
        ops: The ledger, to see whether work waits; with the worker's key.
        ops_of: The ledger with a specialist's key, to see whether it is good, and to end it.
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
        self._ask_at: dict[str, float] = {}
        """By the loop's clock, when the ledger is asked about a key again."""
        self._clear_at: dict[str, float] = {}
        """By the same, when it is tried again to clear away what is left of one."""

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while True:
                for specialist in await asyncio.to_thread(self._roster.all):
                    name = specialist.spec.name
                    if name not in self._kept:
                        self._begin(name, specialist)
                await self._see_to_the_gone()
                await asyncio.sleep(self._pace.look_s)
        finally:
            for task in self._kept.values():
                task.cancel()
            if self._kept:
                await asyncio.wait(self._kept.values())

    async def _see_to_the_gone(self) -> None:
        """What was taken off the roster while nobody kept it may still run, and cost."""
        for specialist in await asyncio.to_thread(self._roster.gone):
            name, now = specialist.spec.name, asyncio.get_running_loop().time()
            with self._roster.kept(name) as mine:
                if not mine or now < self._clear_at.get(name, 0.0):  # it is being stopped, or cannot be yet
                    continue
                try:
                    if self._roster.find(name) is None:
                        await self._runtime.clear(specialist)
                except RosterRefused as error:
                    log.warning("specialist.not_cleared", name=name, reason=str(error))
                    self._clear_at[name] = now + _LONGEST_PAUSE_S
                    continue
                await self._end_key(specialist)
                self._roster.forget(name)
                self._clear_at.pop(name, None)

    def _begin(self, name: str, specialist: Specialist) -> None:
        task = asyncio.create_task(self._keep(specialist), name=f"specialist-{name}")
        self._kept[name] = task

        def ended(_: asyncio.Task[None]) -> None:
            self._kept.pop(name, None)
            self._ask_at.pop(specialist.key_id, None)

        task.add_done_callback(ended)

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
        while await self._until_let(specialist):
            if deaths:
                await asyncio.sleep(min(_LONGEST_PAUSE_S, self._pace.again_s * 2 ** (deaths - 1)))
            status = await self._life(specialist)
            deaths = deaths + 1 if status else 0
            await self._until_wanted(specialist, at_once=status != 0)

    async def _life(self, specialist: Specialist) -> int:
        """One run of it: how it ended. 0: by itself or by hand."""
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
            log.info("specialist.stopped", name=name)
            return 0
        log.info("specialist.ended", name=name, status=status)
        return status

    async def _ended(self, specialist: Specialist, running: Running) -> int | None:
        """Its exit status; None when it is not to run any more."""
        ending = asyncio.create_task(running.ended())
        try:
            while not ending.done():
                if not await self._may_run(specialist):
                    return None
                await asyncio.wait({ending}, timeout=self._pace.look_s)
            return ending.result()
        finally:
            ending.cancel()

    async def _until_wanted(self, specialist: Specialist, *, at_once: bool) -> None:
        """Until a task asks for it, or it is not to run; what died in the middle is wanted anyway."""
        while not at_once and await self._may_run(specialist):
            with suppress(AgentOpsError):
                if await is_wanted(self._ops, specialist.spec):
                    return
            await asyncio.sleep(self._pace.look_s)

    async def _until_let(self, specialist: Specialist) -> bool:
        """Waits while it is stopped by hand; False when it is off the roster."""
        while not await self._may_run(specialist):
            if self._listed(specialist) is None:
                return False
            await asyncio.sleep(self._pace.look_s)
        return True

    async def _may_run(self, specialist: Specialist) -> bool:
        await self._heed_the_ledger(specialist)
        listed = self._listed(specialist)
        return listed is not None and not listed.stopped

    def _listed(self, specialist: Specialist) -> Specialist | None:
        try:
            found = self._roster.find(specialist.spec.name)
        except RosterRefused:
            return None
        return found if found is not None and found.key_id == specialist.key_id else None

    async def _heed_the_ledger(self, specialist: Specialist) -> None:
        """One whose key was ended there, in the panel for one, is taken off the roster here."""
        now = asyncio.get_running_loop().time()
        if now < self._ask_at.get(specialist.key_id, 0.0):
            return
        self._ask_at[specialist.key_id] = now + self._pace.ask_s
        async with self._ops_of(specialist.secret) as own:
            try:
                await own.whoami()
            except Unauthenticated:
                log.info("specialist.dismissed", name=specialist.spec.name)
                if self._listed(specialist):
                    with suppress(RosterRefused):
                        self._roster.remove(specialist.spec.name)
            except AgentOpsError as error:
                log.info("specialist.not_asked_about", name=specialist.spec.name, code=error.code)

    async def _end_key(self, specialist: Specialist) -> None:
        """What is off the roster comes back under no circumstances."""
        async with self._ops_of(specialist.secret) as ops:
            try:
                await ops.revoke_key(specialist.key_id)
            except AgentOpsError as error:  # ended already, or it runs out by itself
                log.info("specialist.key_not_ended", name=specialist.spec.name, code=error.code)
