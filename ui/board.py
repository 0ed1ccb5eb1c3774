"""The read model behind the overview: what needs the person, what runs, what came back.

One for the whole process, loaded only while a tab looks at it, bounded by the limits below.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import msgspec
import structlog

from agentops import AgentOpsClient
from agentops.errors import AgentOpsError
from agentops.wire import Agent, Artifact, Event, Gate, GateStatus, Stats, Task, TaskId, TaskStatus
from ui.live import Live, Refresher, Stop, Workers

log = structlog.get_logger(__name__)

MAX_GATES = 50
MAX_RUNNING = 50
MAX_FINISHED = 8
MAX_AGENTS = 50
MAX_REMEMBERED = 200
RETRY_S = 1.0
PULSE_S = 3.0

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

    @property
    def is_new(self) -> bool:
        """Whether nothing was ever asked for."""
        return not any(self.stats.tasks.values())


@dataclass
class BoardModel:
    """Keeps the present `Board` while somebody watches it."""

    ops: AgentOpsClient
    live: Live
    workers: Workers
    board: Board | None = None
    lost: bool = False
    """The last load failed: the board may be old."""
    _watchers: dict[int, Callable[[], None]] = field(default_factory=dict)
    _next: int = 0
    _files: OrderedDict[TaskId, tuple[Artifact, ...]] = field(default_factory=OrderedDict)

    def __post_init__(self) -> None:
        self._refresher = Refresher(self._refresh, self.workers)
        self.live.listen(self._heard)
        self.live.on_start(self._poke)

    async def run(self) -> None:
        """Look for ever whether the ledger is there, while somebody watches: silence alone is no news."""
        while True:
            await asyncio.sleep(PULSE_S)
            if self._watchers and not self.lost and not await self._is_there():
                self._poke()

    async def _is_there(self) -> bool:
        try:
            return (await self.ops.health()).status == "ok"
        except AgentOpsError:
            return False

    def watch(self, changed: Callable[[], None]) -> Stop:
        """Call `changed` after every change, until the returned function is called."""
        key = self._next = self._next + 1
        self._watchers[key] = changed
        return lambda: self._unwatch(key)

    async def fresh(self, timeout_s: float) -> None:
        """Load now, unless the board is being watched and so is fresh already; give up after a while."""
        if self._watchers and self.board and not self.lost:
            return
        try:
            async with asyncio.timeout(timeout_s):
                await self._load()
        except TimeoutError:
            self.lost = True

    def _unwatch(self, key: int) -> None:
        self._watchers.pop(key, None)

    def _poke(self) -> None:
        if self._watchers:
            self._refresher.poke()

    def _heard(self, event: Event) -> None:
        if event.type == "task.progress" and self._advance(event):
            self._tell()
        elif event.type != "task.progress":
            self._poke()

    def _advance(self, event: Event) -> bool:
        """Take progress from the event itself: the most frequent change needs no request."""
        if self.board is None or not self._watchers:
            return False
        said = msgspec.convert(event.payload, _Progress, strict=False)
        running = tuple(
            msgspec.structs.replace(task, progress=said.progress, progress_note=said.note)
            if task.id == event.task_id
            else task
            for task in self.board.running
        )
        self.board = replace(self.board, running=running)
        return True

    async def _refresh(self) -> None:
        await self._load()
        self._tell()
        if self.lost and self._watchers:
            await asyncio.sleep(RETRY_S)
            self._refresher.poke()

    async def _load(self) -> None:
        try:
            self.board = await self._loaded()
            self.lost = False
        except* AgentOpsError as failed:
            self.lost = True
            log.warning("board.stale", reason=str(failed.exceptions[0]))

    async def _loaded(self) -> Board:
        async with asyncio.TaskGroup() as group:
            stats = group.create_task(self.ops.stats())
            gates = group.create_task(self.ops.list_gates(status=GateStatus.OPEN))
            running = group.create_task(
                self.ops.list_tasks(status=(TaskStatus.IN_PROGRESS,), limit=MAX_RUNNING)
            )
            finished = group.create_task(self.ops.list_tasks(status=FINISHED, limit=4 * MAX_FINISHED))
            agents = group.create_task(self.ops.list_agents())
        recent = sorted(finished.result().items, key=_finished_at, reverse=True)[:MAX_FINISHED]
        async with asyncio.TaskGroup() as group:
            questions = [group.create_task(self._question(gate)) for gate in gates.result()[:MAX_GATES]]
            returned = [group.create_task(self._returned(task)) for task in recent]
        return Board(
            stats=stats.result(),
            questions=tuple(job.result() for job in questions),
            running=tuple(sorted(running.result().items, key=lambda task: task.number)),
            returned=tuple(job.result() for job in returned),
            agents=tuple(agents.result()[:MAX_AGENTS]),
        )

    async def _question(self, gate: Gate) -> Question:
        return Question(gate, await self.ops.get_task(gate.task_id))

    async def _returned(self, task: Task) -> Returned:
        """A finished task's outputs do not change, so they are asked for once."""
        if task.status is not TaskStatus.COMPLETED:
            return Returned(task)
        files = self._files.get(task.id)
        if files is None:
            found = await self.ops.list_artifacts(task.id)
            files = self._files[task.id] = tuple(file for file in found if file.kind == "output")
            if len(self._files) > MAX_REMEMBERED:
                self._files.popitem(last=False)
        return Returned(task, files)

    def _tell(self) -> None:
        for changed in tuple(self._watchers.values()):
            changed()


class _Progress(msgspec.Struct, frozen=True):
    progress: float | None = None
    note: str | None = None


def _finished_at(task: Task) -> float:
    return (task.finished_at or task.updated_at).timestamp()
