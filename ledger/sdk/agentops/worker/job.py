"""One claim, as the code that does the work sees it."""

from collections.abc import AsyncIterable, Sequence
from pathlib import Path
from typing import NoReturn

import msgspec

from agentops.client import AgentOpsClient
from agentops.wire import Artifact, Gate, GateKind, NewTask, Task, TaskId
from agentops.worker.endings import MAX_QUESTION, clean
from agentops.worker.leases import Held, Interruption
from agentops.worker.progress import ProgressReport


class GiveUp(Exception):
    """Raise it from the work: the task fails with this message, and is not tried again."""


class TryAgain(Exception):
    """Raise it from the work: the attempt fails with this message, which the person may read.

    The task is tried again while attempts are left. Any other exception does the same, but its message
    begins with its class and is logged as a fault.
    """


class Asked(BaseException):
    """Ends the attempt with a question; `Job.ask` raises it. To ask although there is an answer, raise it.

    No `Exception`, so that `except Exception` lets it pass.
    """

    def __init__(
        self,
        question: str,
        *,
        options: Sequence[str] = (),
        kind: GateKind = GateKind.QUESTION,
        expires_in_s: int | None = None,
    ) -> None:
        super().__init__(question)
        self.question = question
        self.kind = kind
        self.options = options
        self.expires_in_s = expires_in_s


class HandBack(BaseException):
    """Raise it from the work: the task goes back as it was, which costs no attempt. `Job.wait_for` raises it.

    No `Exception`, so that `except Exception` lets it pass.
    """

    def __init__(self, reason: str, *, wait_for: Sequence[TaskId] = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wait_for = wait_for


class Job:
    """A claimed task and what can be done for it. Every write is fenced by the claim's epoch.

    Attributes:
        ops: The ledger, for all that a job has no method for.
        task: As it was claimed.
        epoch: What a write of yours through `ops` carries.
        inputs: The files that came with the task.
        answers: The gates of this task that were answered, oldest first.
    """

    def __init__(self, ops: AgentOpsClient, held: Held, report: ProgressReport) -> None:
        self.ops = ops
        self.task: Task = held.claim.task
        self.epoch: int = held.epoch
        self.inputs: Sequence[Artifact] = held.claim.inputs
        self.answers: Sequence[Gate] = held.claim.answers
        self._held = held
        self._report = report

    @property
    def interruption(self) -> Interruption | None:
        """Why this work is being cancelled, for a `finally` that wants to know; None while it is not."""
        return self._held.interruption

    def progress(self, share: float | None = None, note: str | None = None) -> None:
        """Say how far the work is, as often as you like: it returns at once and never fails.

        Args:
            share: 0 to 1.
            note: What is being done now, for the person.
        """
        self._report.say(share, note)

    def ask(
        self,
        question: str,
        *,
        options: Sequence[str] = (),
        kind: GateKind = GateKind.QUESTION,
        expires_in_s: int | None = None,
    ) -> str:
        """The person's answer to this question. While there is none, the attempt ends here.

        The task then waits without a worker. Once it is answered, the work begins anew and this call
        returns the answer; so ask before what is costly, and always in the same words.

        Args:
            question: What to ask; also what an answer is known by.
            options: Answers to choose from; the person may still answer otherwise.
            kind: A question, or an approval.
            expires_in_s: How long the question stands; then the task is claimed without an answer, and
                the question is asked again unless the work does without.
        """
        for gate in reversed(self.answers):
            if gate.question == clean(question, MAX_QUESTION) and gate.answer is not None:
                return gate.answer
        raise Asked(question, kind=kind, options=options, expires_in_s=expires_in_s)

    async def split_off(self, part: NewTask, *, idempotency_key: str | None = None) -> Task:
        """Make a part of this task, for whichever worker can do it.

        Args:
            part: What is to be done; it may wait for other parts, and be given files of this task.
            idempotency_key: Yours, to repeat it safely after a crash; else one is made.

        Raises:
            ClaimLost: Another holds the task by now. Let it pass: the worker knows what to do.
        """
        part = msgspec.structs.replace(part, parent_id=self.task.id, parent_epoch=self.epoch)
        return await self.ops.create_task(part, idempotency_key=idempotency_key)

    def wait_for(self, parts: Sequence[TaskId]) -> NoReturn:
        """End the attempt here; the work begins anew when all of these parts have ended, well or not.

        Meanwhile no worker is held up by it. `ops.list_tasks(parent_id=…)` tells how the parts went.
        """
        raise HandBack("it waits for its parts", wait_for=parts)

    async def download(self, artifact: Artifact) -> bytes:
        """An input's content, in memory; `ops.stream` reads large ones piece by piece."""
        return await self.ops.download(artifact.id)

    async def upload(
        self, name: str, content: bytes | AsyncIterable[bytes] | Path, *, media_type: str
    ) -> Artifact:
        """Store a file as an output of the task.

        Raises:
            ClaimLost: Another holds the task by now. Let it pass: the worker knows what to do.
            TooLarge: The ledger takes no file of this size.
        """
        return await self.ops.upload(
            name, content, media_type=media_type, task_id=self.task.id, epoch=self.epoch, kind="output"
        )
