"""One claim, from its files to its end."""

import asyncio
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path, PurePath

import structlog

from agentops import AgentOpsClient, AgentOpsError, NotFound
from agentops.wire import Artifact
from brain.seed.catalog import Skill
from brain.seed.choice import Ask, GiveUp, Run, choose
from brain.seed.ending import Ending, insist
from brain.seed.errors import SkillFailed, WorkLost
from brain.seed.leases import Held, Interruption
from brain.seed.progress import ProgressReport
from brain.seed.protocol import InputFile, Job, TaskText
from brain.seed.runner import SkillRunner
from brain.seed.workspaces import Workspaces

log = structlog.get_logger(__name__)

_TIME_TO_RELEASE_S = 1.0


class Work:
    """Does claimed tasks, one call of `do` for each; many may run at once.

    Args:
        ops: The ledger.
        runner: Where skills run.
        skills: By name.
        workspaces: Folders for the files.
        lease_s: What a progress report asks for as it renews the lease.
        clock: Seconds, for the log.
    """

    def __init__(
        self,
        ops: AgentOpsClient,
        runner: SkillRunner,
        skills: Mapping[str, Skill],
        workspaces: Workspaces,
        *,
        lease_s: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ops = ops
        self._runner = runner
        self._skills = skills
        self._workspaces = workspaces
        self._lease_s = lease_s
        self._clock = clock

    async def do(self, held: Held) -> None:
        """Works until the task has ended, or `held` is interrupted. Never raises for a failed task."""
        task = held.claim.task
        with structlog.contextvars.bound_contextvars(
            task_id=task.id, task_number=task.number, epoch=held.epoch
        ):
            started = self._clock()
            log.info("task.started", attempt=task.attempt)
            try:
                ended = await self._until_interrupted(held)
            except WorkLost as lost:
                log.warning("task.lost", reason=str(lost))
            except AgentOpsError as error:
                log.exception("task.unfinished", code=error.code)
            else:
                log.info("task.ended", how=ended, seconds=round(self._clock() - started, 3))
            if held.interruption is not Interruption.STOPPING:
                await self._runner.prepare()

    async def _until_interrupted(self, held: Held) -> str:
        """How it ended.

        Raises:
            WorkLost: another holds the task now.
            AgentOpsError: the ledger would not take the end; its lease will run out.
        """
        attempt = asyncio.create_task(self._attempt(held))
        interruption = asyncio.create_task(held.interrupted.wait())
        try:
            await asyncio.wait({attempt, interruption}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            attempt.cancel()
            interruption.cancel()
            await asyncio.wait({attempt, interruption})
        if not attempt.cancelled():
            return attempt.result()
        return await self._stop(held)

    async def _stop(self, held: Held) -> str:
        """The work has stopped; says so, unless the task is another's by now."""
        ending = Ending(self._ops, held)
        if held.interruption is Interruption.CANCELLED:
            await ending.cancel()
        elif held.interruption is Interruption.STOPPING:
            try:
                async with asyncio.timeout(_TIME_TO_RELEASE_S):
                    await ending.release("the worker is shutting down")
            except TimeoutError:
                log.warning("release.failed")  # the lease runs out by itself
        return str(held.interruption)

    async def _attempt(self, held: Held) -> str:
        task, ending = held.claim.task, Ending(self._ops, held)
        choice = choose(task, held.claim.inputs, held.claim.answers, self._skills)
        if isinstance(choice, Ask):
            await ending.ask(choice)
            return "blocked"
        if isinstance(choice, GiveUp):
            await ending.fail(choice.error, retryable=False)
            return "failed"
        try:
            await self._run(held, choice, ending)
        except SkillFailed as failure:
            log.info("skill.failed", skill=choice.skill.name, retryable=failure.retryable)
            await ending.fail(str(failure), retryable=failure.retryable)
            return "failed"
        except AgentOpsError as error:
            await ending.fail(f"The ledger refused the result: {error.detail}", retryable=False)
            return "failed"
        return "completed"

    async def _run(self, held: Held, choice: Run, ending: Ending) -> None:
        report = ProgressReport(self._ops, held, lease_s=self._lease_s)
        reporting = asyncio.create_task(report.run())
        try:
            with self._workspaces.folder() as workspace:
                job = await self._prepare(held, choice, workspace)
                log.info("skill.started", skill=choice.skill.name, inputs=len(job.inputs))
                done = await self._runner.run(choice.skill, job, workspace, report.say)
                await ending.complete(done, choice.skill.name, workspace)
        finally:
            reporting.cancel()
            await asyncio.wait({reporting})

    async def _prepare(self, held: Held, choice: Run, workspace: Path) -> Job:
        """Brings the files; a text of the task itself becomes one."""
        task = held.claim.task
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
        return Job(task=TaskText(title=task.title, description=task.description), inputs=inputs)

    async def _fetch(self, artifact: Artifact, path: Path) -> None:
        try:
            async with self._ops.stream(artifact.id) as pieces:
                with path.open("wb") as file:
                    async for piece in pieces:
                        file.write(piece)
        except NotFound:
            raise SkillFailed(f"The file {artifact.name} is gone from the ledger.", retryable=False) from None
