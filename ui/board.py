"""The read model behind the overview: what needs the person, what runs, what came back.

One for the whole process, loaded only while a tab looks at it, bounded by the limits below.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, replace

import msgspec

from agentops import AgentOpsClient
from agentops.errors import AgentOpsError
from agentops.wire import (
    Agent,
    Artifact,
    Event,
    Gate,
    GateStatus,
    Pairing,
    PairingStatus,
    Stats,
    System,
    Task,
    TaskId,
    TaskSort,
    TaskStatus,
)
from ui.live import Refresher
from ui.reading import Following, Reading, of_types

MAX_GATES = 50
MAX_RUNNING = 50
MAX_FINISHED = 8
MAX_AGENTS = 50
MAX_REMEMBERED = 200
PULSE_S = 3.0
COUNT_S = 1.0
"""Counting all tasks is the dearest question to the ledger: at most one in this time."""

GOING = System(paused=False, reason=None, by=None, since=None)
FINISHED = (TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.CANCELLED)


@dataclass(frozen=True)
class Question:
    """An open gate and the task that waits for it."""

    gate: Gate
    task: Task


@dataclass(frozen=True)
class Returned:
    """A finished task and what it made."""

    task: Task
    files: tuple[Artifact, ...] = ()


@dataclass(frozen=True)
class Board:
    """Everything that the overview shows, at one moment."""

    stats: Stats
    questions: tuple[Question, ...] = ()
    running: tuple[Task, ...] = ()
    returned: tuple[Returned, ...] = ()
    agents: tuple[Agent, ...] = ()
    pairings: tuple[Pairing, ...] = ()
    system: System = GOING

    @property
    def waiting(self) -> int:
        """How many things need the person."""
        return len(self.questions) + len(self.pairings)

    @property
    def is_new(self) -> bool:
        """Whether nothing was ever asked for."""
        return not any(self.stats.tasks.values())


class BoardModel(Reading[Board]):
    """The one reading that every page follows: it says what needs the person, and whether all is well."""

    def __init__(self, ops: AgentOpsClient, following: Following) -> None:
        super().__init__(self._loaded, _touches, following)
        self._ops = ops
        self._files: OrderedDict[TaskId, tuple[Artifact, ...]] = OrderedDict()
        self._counter = Refresher(self._count, following.workers, pause_s=COUNT_S, delay_s=COUNT_S)

    async def run(self) -> None:
        """Look for ever whether the ledger is there, while somebody watches: silence alone is no news.

        It asks for strangers who want to be let in, since no event tells of them.
        """
        while True:
            await asyncio.sleep(PULSE_S)
            if self.watched and not self.lost and not await self._is_as_shown():
                self.poke()

    async def _is_as_shown(self) -> bool:
        try:
            asking = await self._ops.list_pairings(status=PairingStatus.PENDING)
        except AgentOpsError:
            return False
        return self.value is not None and self.value.pairings == tuple(asking[:MAX_GATES])

    def _heard(self, event: Event) -> None:
        if event.type == "task.created":
            self._one_more(event)
        elif event.type != "task.progress":
            super()._heard(event)
        elif self._advance(event):
            self._tell()

    def _one_more(self, event: Event) -> None:
        """A new task changes but how many there are: counted at once, and exactly a little later."""
        if self.value is None or not self.watched:
            self.poke()
            return
        stats = one_more(self.value.stats, event)
        if stats != self.value.stats:
            self.value = replace(self.value, stats=stats)
            self._tell()
        self._counter.poke()

    async def _count(self) -> None:
        try:
            stats = await self._ops.stats()
        except AgentOpsError:
            self.poke()
            return
        if self.value is not None and self.value.stats.tasks != stats.tasks:
            self.value = replace(self.value, stats=stats)
            self._tell()

    def _advance(self, event: Event) -> bool:
        """Take progress from the event itself: the most frequent change needs no request."""
        if self.value is None or not self.watched:
            return False
        said = msgspec.convert(event.payload, _Progress, strict=False)
        running = tuple(
            msgspec.structs.replace(task, progress=said.progress, progress_note=said.note)
            if task.id == event.task_id
            else task
            for task in self.value.running
        )
        self.value = replace(self.value, running=running)
        return True

    async def _loaded(self) -> Board:
        async with asyncio.TaskGroup() as group:
            stats = group.create_task(self._ops.stats())
            gates = group.create_task(self._ops.list_gates(status=GateStatus.OPEN))
            pairings = group.create_task(self._ops.list_pairings(status=PairingStatus.PENDING))
            running = group.create_task(
                self._ops.list_tasks(status=(TaskStatus.IN_PROGRESS,), limit=MAX_RUNNING)
            )
            finished = group.create_task(
                self._ops.list_tasks(status=FINISHED, sort=TaskSort.UPDATED, limit=2 * MAX_FINISHED)
            )
            agents = group.create_task(self._ops.list_agents())
            system = group.create_task(self._ops.system())
        recent = sorted(finished.result().items, key=_finished_at, reverse=True)[:MAX_FINISHED]
        async with asyncio.TaskGroup() as group:
            questions = [group.create_task(self._question(gate)) for gate in gates.result()[:MAX_GATES]]
            returned = [group.create_task(self._returned(task)) for task in recent]
        return Board(
            stats=stats.result(),
            questions=tuple(job.result() for job in questions),
            pairings=tuple(pairings.result()[:MAX_GATES]),
            system=system.result(),
            running=tuple(sorted(running.result().items, key=lambda task: task.number)),
            returned=tuple(job.result() for job in returned),
            agents=tuple(agents.result()[:MAX_AGENTS]),
        )

    async def _question(self, gate: Gate) -> Question:
        return Question(gate, await self._ops.get_task(gate.task_id))

    async def _returned(self, task: Task) -> Returned:
        """A finished task's outputs do not change, so they are asked for once."""
        if task.status is not TaskStatus.COMPLETED:
            return Returned(task)
        files = self._files.get(task.id)
        if files is None:
            found = await self._ops.list_artifacts(task.id)
            files = self._files[task.id] = tuple(file for file in found if file.kind == "output")
            if len(self._files) > MAX_REMEMBERED:
                self._files.popitem(last=False)
        return Returned(task, files)


class _Progress(msgspec.Struct, frozen=True):
    progress: float | None = None
    note: str | None = None


def one_more(stats: Stats, event: Event) -> Stats:
    """The counts after a task was made."""
    status = event.payload.get("status")
    if status not in stats.tasks:
        return stats
    return msgspec.structs.replace(stats, tasks=stats.tasks | {status: stats.tasks[status] + 1})


def _finished_at(task: Task) -> float:
    return (task.finished_at or task.updated_at).timestamp()


_touches = of_types("task.*", "gate.*", "agent.*", "artifact.*", "person.*", "project.*", "system.*")
