"""One task, from its files to its result."""

import asyncio
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path, PurePath
from typing import Any

import structlog

from agentops import AgentOpsClient, AgentOpsError, NotFound, worker
from agentops.wire import Artifact
from agentops.worker import Asked, Job, TryAgain, clean, insist
from brain.seed.catalog import Skill
from brain.seed.choice import Ask, GiveUp, Run, choose
from brain.seed.errors import SkillFailed
from brain.seed.outputs import store
from brain.seed.protocol import Done, InputFile, Progress, TaskText
from brain.seed.protocol import Job as Order
from brain.seed.runner import SkillRunner
from brain.seed.transcript import Transcript
from brain.seed.workspaces import Workspaces

log = structlog.get_logger(__name__)

_MAX_SUMMARY = 20_000
_NO_MODEL = "by rules, without a model"


class Work:
    """Does claimed tasks, one call of `do` for each; many may run at once.

    Args:
        ops: The ledger.
        runner: Where skills run.
        skills: By name.
        workspaces: Folders for the files.
        clock: Seconds, for the log.
    """

    def __init__(
        self,
        ops: AgentOpsClient,
        runner: SkillRunner,
        skills: Mapping[str, Skill],
        workspaces: Workspaces,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ops = ops
        self._runner = runner
        self._skills = skills
        self._workspaces = workspaces
        self._clock = clock

    async def do(self, job: Job) -> dict[str, Any]:
        """The result of a task.

        Raises:
            Asked: it takes an answer first.
            GiveUp: it cannot be done, and why.
            TryAgain: it may well succeed later.
            WorkLost: another holds the task now.
        """
        task = job.task
        with structlog.contextvars.bound_contextvars(
            task_id=task.id, task_number=task.number, epoch=job.epoch
        ):
            started = self._clock()
            log.info("task.started", attempt=task.attempt)
            result = await self._done(job)
            log.info("task.done", seconds=round(self._clock() - started, 3))
            return result

    async def _done(self, job: Job) -> dict[str, Any]:
        """Whatever ends the attempt, its transcript is kept."""
        transcript = Transcript(job.task.title, job.task.attempt, _NO_MODEL, datetime.now(UTC))
        try:
            return await self._chosen(job, transcript)
        except BaseException as ending:
            await transcript.close(job, ending)
            raise

    async def _chosen(self, job: Job, transcript: Transcript) -> dict[str, Any]:
        choice = choose(job.task, job.inputs, job.answers, self._skills)
        if isinstance(choice, Ask):
            raise Asked(choice.question, options=choice.options)
        if isinstance(choice, GiveUp):
            raise worker.GiveUp(choice.error)
        try:
            return await self._run(job, choice, transcript)
        except SkillFailed as failure:
            log.info("skill.failed", skill=choice.skill.name, retryable=failure.retryable)
            raise (TryAgain if failure.retryable else worker.GiveUp)(str(failure)) from failure
        except AgentOpsError as error:
            raise worker.GiveUp(f"The ledger refused the result: {error.detail}") from error

    async def _run(self, job: Job, choice: Run, transcript: Transcript) -> dict[str, Any]:
        def say(progress: Progress) -> None:
            job.progress(progress.progress, progress.note)
            if progress.note:
                transcript.note(progress.note)

        with self._workspaces.folder() as workspace:
            order = await self._prepare(job, choice, workspace)
            log.info("skill.started", skill=choice.skill.name, inputs=len(order.inputs))
            transcript.step(f"Skill {choice.skill.name}", _given(order))
            done = await self._runner.run(choice.skill, order, workspace, say)
            stored = await store(job, done.outputs, workspace)
        _finish(transcript, done)
        await transcript.keep(job)
        return {
            "summary": clean(done.summary, _MAX_SUMMARY),
            "artifacts": [artifact.id for artifact in stored],
            "skill": choice.skill.name,
        }

    async def _prepare(self, job: Job, choice: Run, workspace: Path) -> Order:
        """Brings the files; a text of the task itself becomes one."""
        task = job.task
        inputs = []
        for number, artifact in enumerate(choice.inputs, 1):
            # The name is the person's and may be anything; on disk only its ending is used.
            ending = "".join(
                char for char in PurePath(artifact.name).suffix[:8] if char.isalnum() or char == "."
            )
            path = workspace / f"input-{number}{ending}"
            await insist(partial(self._fetch, artifact, path))
            inputs.append(InputFile(name=artifact.name, path=str(path), media_type=artifact.media_type))
        if choice.text is not None:
            path = workspace / "text.txt"
            await asyncio.to_thread(path.write_text, choice.text, encoding="utf-8")
            inputs.append(InputFile(name=task.title, path=str(path), media_type="text/plain"))
        return Order(task=TaskText(title=task.title, description=task.description), inputs=inputs)

    async def _fetch(self, artifact: Artifact, path: Path) -> None:
        try:
            async with self._ops.stream(artifact.id) as pieces:
                with path.open("wb") as file:
                    async for piece in pieces:
                        file.write(piece)
        except NotFound:
            raise SkillFailed(f"The file {artifact.name} is gone from the ledger.", retryable=False) from None


def _given(order: Order) -> str:
    names = ", ".join(file.name for file in order.inputs)
    return f"On {names}." if names else "On the words of the task."


def _finish(transcript: Transcript, done: Done) -> None:
    transcript.step("Result", done.summary)
    for file in done.outputs:
        transcript.note(f"made {file.name}")
    transcript.end("Finished.")
