"""The last write of a claim: fenced by its epoch, and repeated until the ledger has taken it.

Idempotency keys come from task, epoch and step, so that a write whose answer was lost is taken once.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import msgspec

from agentops.client import AgentOpsClient
from agentops.errors import (
    AgentOpsError,
    Forbidden,
    InvalidTransition,
    LedgerFault,
    StaleClaim,
    TaskNotFound,
)
from agentops.retry import Backoff
from agentops.wire import (
    Block,
    Cancel,
    ClaimNextRequest,
    Complete,
    CompleteItem,
    Fail,
    GateKind,
    Release,
    Settle,
    Settled,
    TaskId,
)
from agentops.worker.leases import Held

T = TypeVar("T")
log = logging.getLogger(__name__)

MAX_ERROR, MAX_QUESTION, MAX_LINE = 20_000, 10_000, 500
MOST_FAULTS = 5
"""Tries at a write that the ledger answers with an internal error; a lost connection is tried for ever."""


class WorkLost(Exception):
    """The ledger takes nothing more from this claim: another holds the task, or nobody."""


async def insist(call: Callable[[], Awaitable[T]], *, backoff: Backoff | None = None) -> T:
    """Repeat a write of a claim while the ledger is away. Harmless however late: the epoch fences it.

    Raises:
        WorkLost: The ledger takes nothing more from this claim.
        AgentOpsError: It refuses the call for another reason, for good.
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
            if hopeless or (isinstance(error, LedgerFault) and failures >= MOST_FAULTS):
                raise
            log.warning("ledger.away code=%s failures=%d", error.code, failures)
        await asyncio.sleep(pauses.delay_s(failures - 1))


class Ending:
    """The writes that end one claim, of which one is made."""

    def __init__(self, ops: AgentOpsClient, held: Held) -> None:
        self._ops = ops
        self._held = held

    async def complete(self, result: dict[str, Any]) -> None:
        """Hand the result in."""
        body = Complete(epoch=self._held.epoch, result=result)
        await insist(
            lambda: self._ops.complete(self._held.task_id, body, idempotency_key=self._key("complete"))
        )

    async def settle(self, result: dict[str, Any], wish: ClaimNextRequest) -> Settled:
        """The same, and take the next in the same trip. The outcome says whether the result was taken.

        Asked again after a lost answer, it gives the same claims, whose leases may have run out since.
        """
        item = CompleteItem(task_id=self._held.task_id, epoch=self._held.epoch, result=result)
        body = Settle(**msgspec.structs.asdict(wish), items=[item])
        return await insist(lambda: self._ops.settle(body, idempotency_key=self._key("settle")))

    async def fail(self, error: str, *, retryable: bool) -> None:
        """Say why there is no result."""
        body = Fail(epoch=self._held.epoch, error=clean(error, MAX_ERROR), retryable=retryable)
        await insist(lambda: self._ops.fail(self._held.task_id, body, idempotency_key=self._key("fail")))

    async def block(
        self, question: str, *, kind: GateKind, options: Sequence[str], expires_in_s: int | None
    ) -> None:
        """Hand the task back with a question."""
        body = Block(
            epoch=self._held.epoch,
            question=clean(question, MAX_QUESTION),
            kind=kind,
            options=[clean(option, MAX_LINE) for option in options],
            expires_in_s=expires_in_s,
        )
        await insist(lambda: self._ops.block(self._held.task_id, body, idempotency_key=self._key("block")))

    async def cancel(self) -> None:
        """Say that the work has stopped, as asked."""
        body = Cancel(epoch=self._held.epoch)
        await insist(lambda: self._ops.cancel(self._held.task_id, body, idempotency_key=self._key("cancel")))

    async def release(self, reason: str, wait_for: Sequence[TaskId] = ()) -> None:
        """Hand the task back as it was, to be claimed when these parts of it have ended."""
        body = Release(
            epoch=self._held.epoch, reason=clean(reason, MAX_LINE), wait_for=list(dict.fromkeys(wait_for))
        )
        await insist(
            lambda: self._ops.release(self._held.task_id, body, idempotency_key=self._key("release"))
        )

    def _key(self, step: str) -> str:
        return f"worker:{self._held.task_id}:{self._held.epoch}:{step}"


def clean(text: str, limit: int) -> str:
    """Text that the ledger takes: without NUL, and no longer than it may be."""
    text = text.replace("\x00", "�")
    return text if len(text) <= limit else text[: limit - 1] + "…"
