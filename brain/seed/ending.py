"""The last writes of a claim: each fenced by its epoch, each repeated until the ledger has taken it.

The idempotency keys come from task, epoch and step, so that a write whose answer was lost is taken once.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import structlog

from agentops import (
    AgentOpsClient,
    AgentOpsError,
    Backoff,
    Forbidden,
    InvalidTransition,
    LedgerFault,
    StaleClaim,
    TaskNotFound,
)
from agentops.wire import Artifact, Block, Cancel, Complete, Fail, Release
from brain.seed.choice import Ask
from brain.seed.errors import WorkLost
from brain.seed.leases import Held
from brain.seed.protocol import Done, OutputFile

T = TypeVar("T")
log = structlog.get_logger(__name__)

_MAX_TEXT, _MAX_QUESTION, _MAX_LINE = 20_000, 10_000, 500
_MOST_FAULTS = 5
"""Tries at a write that the ledger answers with an internal error; a lost connection is tried for ever."""


async def insist(call: Callable[[], Awaitable[T]], *, backoff: Backoff | None = None) -> T:
    """Repeats a call while the ledger is away.

    Raises:
        WorkLost: the ledger takes nothing more from this claim.
        AgentOpsError: it refuses the call for another reason, for good.
    """
    pauses, failures = backoff or Backoff(), 0
    while True:
        try:
            return await call()
        except (StaleClaim, InvalidTransition, TaskNotFound, Forbidden) as refusal:
            raise WorkLost(str(refusal)) from refusal
        except AgentOpsError as error:
            failures += 1
            hopeless = not error.retryable and not isinstance(error, LedgerFault)
            if hopeless or (isinstance(error, LedgerFault) and failures >= _MOST_FAULTS):
                raise
            log.warning("ledger.away", code=error.code, failures=failures)
        await asyncio.sleep(pauses.delay_s(failures - 1))


class Ending:
    """The writes that end one claim, of which one is made."""

    def __init__(self, ops: AgentOpsClient, held: Held) -> None:
        self._ops = ops
        self._held = held

    async def complete(self, done: Done, skill: str, workspace: Path) -> None:
        """Stores what the skill made, then the result that names it.

        Files that an earlier attempt stored and could not complete with are used again if they are equal.

        Raises:
            WorkLost: another holds the task; what was stored meanwhile belongs to no result.
        """
        before = await insist(lambda: self._ops.list_artifacts(self._held.task_id))
        stored = [await self._store(output, workspace, before) for output in done.outputs]
        result = {
            "summary": clean(done.summary, _MAX_TEXT),
            "artifacts": [artifact.id for artifact in stored],
            "skill": skill,
        }
        body = Complete(epoch=self._held.epoch, result=result)
        await insist(
            lambda: self._ops.complete(self._held.task_id, body, idempotency_key=self._key("complete"))
        )

    async def fail(self, error: str, *, retryable: bool) -> None:
        """Says why there is no result."""
        body = Fail(epoch=self._held.epoch, error=clean(error, _MAX_TEXT), retryable=retryable)
        await insist(lambda: self._ops.fail(self._held.task_id, body, idempotency_key=self._key("fail")))

    async def ask(self, ask: Ask) -> None:
        """Hands the task back with a question."""
        body = Block(
            epoch=self._held.epoch,
            question=clean(ask.question, _MAX_QUESTION),
            options=[clean(option, _MAX_LINE) for option in ask.options],
        )
        await insist(lambda: self._ops.block(self._held.task_id, body, idempotency_key=self._key("block")))

    async def cancel(self) -> None:
        """Says that the work has stopped, as asked."""
        body = Cancel(epoch=self._held.epoch)
        await insist(lambda: self._ops.cancel(self._held.task_id, body, idempotency_key=self._key("cancel")))

    async def release(self, reason: str) -> None:
        """Hands the task back as it was."""
        body = Release(epoch=self._held.epoch, reason=reason)
        await insist(
            lambda: self._ops.release(self._held.task_id, body, idempotency_key=self._key("release"))
        )

    async def _store(self, output: OutputFile, workspace: Path, before: list[Artifact]) -> Artifact:
        path = workspace / output.path
        digest = await asyncio.to_thread(sha256_of, path)
        for artifact in before:
            if (artifact.kind, artifact.name, artifact.sha256) == ("output", output.name, digest):
                return artifact
        return await insist(
            lambda: self._ops.upload(
                output.name,
                path,
                media_type=output.media_type,
                task_id=self._held.task_id,
                epoch=self._held.epoch,
                kind="output",
                idempotency_key=self._key(f"store:{digest[:32]}"),
            )
        )

    def _key(self, step: str) -> str:
        return f"seed:{self._held.task_id}:{self._held.epoch}:{step}"


def clean(text: str, limit: int) -> str:
    """Text that the ledger takes: without NUL, and no longer than it may be."""
    text = text.replace("\x00", "�")
    return text if len(text) <= limit else text[: limit - 1] + "…"


def sha256_of(path: Path) -> str:
    """Hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
