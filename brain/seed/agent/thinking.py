"""A task from its claim to its end, with a model that thinks."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import structlog

from agentops import AgentOpsError
from agentops.worker import Asked, GiveUp, HandBack, Interruption, Job, TryAgain
from brain.seed.agent import memory as memories
from brain.seed.agent.conversing import Conversation
from brain.seed.agent.desk import Desk, Ended, Finished, Raised
from brain.seed.agent.inputs import fetch_inputs
from brain.seed.agent.memory import Memory
from brain.seed.agent.mind import Mind
from brain.seed.agent.planning import Plan
from brain.seed.agent.prompting import BEGIN, REMINDER, system_prompt
from brain.seed.agent.spending import Allowance, Spending
from brain.seed.agent.toolbox import Toolbox
from brain.seed.transcript import TIME_TO_KEEP_S, Transcript, told
from brain.seed.workspaces import Workspaces

log = structlog.get_logger(__name__)

_REMINDERS = 2
_LONGEST_LESSONS = 6_000
_HANDED_BACK = (Interruption.STOPPING, Interruption.PAUSED)


@dataclass(frozen=True)
class Thinker:
    """Does tasks with a model, one call of `do` for each; many may run at once.

    Attributes:
        mind: What thinks.
        toolbox: What it acts with.
        workspaces: Folders for the files.
        allowance: What one task may use until the person is asked.
        trade: What a specialist is told besides.
        keep_every_s: How often a running attempt keeps its memory, in case its worker is killed.
        clock: The time, for the transcript.
    """

    mind: Mind
    toolbox: Toolbox
    workspaces: Workspaces
    allowance: Allowance
    trade: str = ""
    keep_every_s: float = 60.0
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    async def do(self, job: Job) -> dict[str, Any]:
        """The result of a task.

        Raises:
            Asked: It takes an answer first.
            GiveUp: It cannot be done, and why.
            HandBack: It waits for its parts, or for money.
            TryAgain: It may well succeed later.
            WorkLost: Another holds the task now.
        """
        with self.workspaces.folder() as workspace:
            try:
                memory = await memories.recall(job, workspace)
                files = await fetch_inputs(job, workspace)
            except AgentOpsError as error:
                raise TryAgain(f"The ledger did not give the files: {error.detail}") from error
            return await _Attempt(self, job, workspace, memory, files).done()


class _Attempt:
    """One claim of one task."""

    def __init__(
        self, thinker: Thinker, job: Job, workspace: Path, memory: Memory, files: Sequence[str]
    ) -> None:
        self._thinker = thinker
        self._job = job
        self._workspace = workspace
        self._memory = memory
        self._plan = Plan(job, list(memory.steps), memory.steps_done)
        self._spending = Spending(job, thinker.allowance, calls=memory.model_calls, tokens=memory.tokens)
        self._transcript = Transcript(job.task.title, job.task.attempt, thinker.mind.name, thinker.clock())
        prompt = system_prompt(
            job.task, files, job.answers, memory, trade=thinker.trade, notes=thinker.toolbox.notes()
        )
        self._conversation = Conversation(
            thinker.mind, prompt, memory, self._spending, self._transcript, self._keep_now_and_then
        )
        self._kept_at = thinker.clock()

    async def done(self) -> dict[str, Any]:
        """The result; whatever ends the attempt, its transcript is kept, and its memory where it goes on."""
        try:
            result = await self._worked()
        except BaseException as ending:
            with suppress(TimeoutError):
                async with asyncio.timeout(TIME_TO_KEEP_S if _is_cancelled(ending) else None):
                    await self._close(ending)
            raise
        self._transcript.end("Finished.")
        await self._conversation.settle()
        await self._transcript.keep(self._job)
        return result

    async def _worked(self) -> dict[str, Any]:
        desk = Desk(
            job=self._job,
            workspace=self._workspace,
            add_tool=lambda tool: self._conversation.offer([tool]),
            note=lambda text: self._job.progress(note=text),
        )
        said = msgspec.json.encode(self._memory.messages).decode()
        self._conversation.offer(await self._thinker.toolbox.tools_for(desk, self._plan, said))
        try:
            return await self._talked()
        except Raised as raised:
            raise raised.error from None
        except Ended as ended:
            raise TryAgain(f"The attempt ended oddly: {ended}") from ended
        except (GiveUp, TryAgain):
            raise
        except Exception as error:
            # Every provider has its own errors; their words may quote a key, so only some are passed on.
            honest = _honest(error)
            log.warning("model.failed", model=self._thinker.mind.name, exc_info=None if honest else error)
            said = honest or f"The model {self._thinker.mind.name} did not answer ({type(error).__name__})."
            raise TryAgain(said) from error

    async def _talked(self) -> dict[str, Any]:
        words = None if self._memory.messages else BEGIN
        last = ""
        for _ in range(_REMINDERS + 1):
            try:
                last = await self._conversation.say(words)
            except Finished as finished:
                return finished.result
            words = REMINDER
        raise TryAgain(f"The model stopped without handing anything in. Its last words: {last[:1_000]}")

    async def _close(self, ending: BaseException) -> None:
        """Keeps what the next attempt needs, and the transcript."""
        self._transcript.end(told(ending))
        if self._job.interruption is Interruption.LOST:
            return
        await self._conversation.settle()
        memory = self._left_by(ending)
        if memory is not None:
            await memories.keep(self._job, memory, self._workspace)
        await self._transcript.keep(self._job)

    async def _keep_now_and_then(self) -> None:
        """A worker that is killed loses no more than was done since."""
        now = self._thinker.clock()
        if (now - self._kept_at).total_seconds() >= self._thinker.keep_every_s:
            await memories.keep(self._job, self._present(), self._workspace)
            self._kept_at = now

    def _left_by(self, ending: BaseException) -> Memory | None:
        """Where the next attempt goes on; None when there will be none."""
        memory = self._present()
        if isinstance(ending, TryAgain):
            lesson = f"Attempt {self._job.task.attempt} ended with: {ending}\n{self._transcript.digest()}"
            lessons = f"{self._memory.lessons}\n{lesson}".strip()[-_LONGEST_LESSONS:]
            return msgspec.structs.replace(memory, messages=[], results={}, lessons=lessons)
        if isinstance(ending, (Asked, HandBack)) or self._job.interruption in _HANDED_BACK:
            return memory
        return None

    def _present(self) -> Memory:
        return msgspec.structs.replace(
            self._memory,
            messages=self._conversation.messages,
            results=self._conversation.results,
            steps=self._plan.steps,
            steps_done=self._plan.done,
            model_calls=self._spending.calls,
            tokens=self._spending.tokens,
            left_behind=[],
        )


def _is_cancelled(ending: BaseException) -> bool:
    return isinstance(ending, asyncio.CancelledError)


def _honest(error: BaseException | None) -> str:
    """The sentence that `brain.models` has for most failures; empty if it has none."""
    while error is not None:
        said = str(getattr(error, "said", "")).strip()
        if said:
            return said
        error = error.__cause__ or error.__context__
    return ""
