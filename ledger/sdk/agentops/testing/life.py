"""The life of a task in memory: what may happen in which state, and what is told of it."""

import dataclasses
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from agentops import errors
from agentops.testing.state import Caller, Kept, Lease, State
from agentops.wire import (
    Attempt,
    Block,
    Claim,
    Complete,
    Fail,
    Gate,
    GateId,
    GateStatus,
    Problem,
    Release,
    Task,
    TaskStatus,
)

LET_GO: dict[str, Any] = {"assigned_to": None, "progress": None, "progress_note": None}


def state_of(task: Task) -> dict[str, Any]:
    """What a refusal shows of the task that refused."""
    shown = ("id", "status", "version", "claim_epoch", "assigned_to", "cancel_requested", "run_after")
    return {name: msgspec.to_builtins(getattr(task, name)) for name in shown}


class Life:
    """Moves tasks. Nothing here waits."""

    def __init__(self, state: State) -> None:
        self.state = state

    def kept(self, task_id: str) -> Kept:
        """A task with what belongs to it.

        Raises:
            TaskNotFound: There is none with this id.
        """
        kept = self.state.tasks.get(task_id.lower())
        if kept is None:
            raise errors.TaskNotFound(f"no task has the id {task_id[:80]}")
        return kept

    def change(self, kept: Kept, by: str, **changes: Any) -> None:
        """A new version of the task."""
        now = self.state.clock()
        changes = {"version": kept.task.version + 1, "updated_at": now, "updated_by": by, **changes}
        kept.task = msgspec.structs.replace(kept.task, **changes)

    def tell(self, kind: str, kept: Kept, actor: str, trace: str | None, **extra: Any) -> None:
        """An event about a task."""
        task = kept.task
        shown = ("number", "title", "status", "priority", "version", "origin", "assigned_to")
        payload = {name: getattr(task, name) for name in shown} | extra
        self.state.log.tell(
            type=kind, entity_type="task", entity_id=task.id, task_id=task.id, project_id=task.project_id,
            actor=actor, payload=msgspec.to_builtins(payload), traceparent=trace, at=self.state.clock(),
        )  # fmt: skip

    def tell_of_gate(self, kind: str, gate: Gate, actor: str, trace: str | None) -> None:
        """An event about a gate."""
        task = self.kept(gate.task_id).task
        payload = {"number": task.number, "title": task.title, "status": task.status, "gate_id": gate.id}
        payload |= {"kind": gate.kind, "question": gate.question, "options": gate.options}
        payload |= {"answer": gate.answer, "origin": task.origin}
        self.state.log.tell(
            type=kind, entity_type="gate", entity_id=gate.id, task_id=task.id, project_id=task.project_id,
            actor=actor, payload=msgspec.to_builtins(payload), traceparent=trace, at=self.state.clock(),
        )  # fmt: skip

    # --- claims

    def ready(self, kept: Kept) -> bool:
        """Nothing but a worker is missing."""
        task = kept.task
        if task.status is not TaskStatus.PENDING or (task.run_after and task.run_after > self.state.clock()):
            return False
        return all(self._is_met(known, task.id) for known in task.depends_on)

    def _is_met(self, task_id: str, waiting: str) -> bool:
        """A whole goes on when its parts have ended, whichever way."""
        status = self.kept(task_id).task.status
        ended = status in (TaskStatus.FAILED, TaskStatus.CANCELLED)
        return status is TaskStatus.COMPLETED or (ended and self._is_part(task_id, waiting))

    def _is_part(self, task_id: str, of: str) -> bool:
        kept = self.state.tasks.get(task_id)
        return kept is not None and kept.task.parent_id == of

    def claim(self, kept: Kept, caller: Caller, agent: str, lease_s: int) -> Claim:
        """Give a ready task to an agent."""
        now, epoch = self.state.clock(), kept.task.claim_epoch + 1
        kept.lease = Lease(epoch, agent, caller.key.id, now + timedelta(seconds=lease_s))
        self.change(
            kept, agent, status=TaskStatus.IN_PROGRESS, claim_epoch=epoch, attempt=kept.task.attempt + 1,
            started_at=now, cancel_requested=False, blocked_reason=None, **{**LET_GO, "assigned_to": agent},
        )  # fmt: skip
        attempt = Attempt(
            task_id=kept.task.id,
            epoch=epoch,
            agent=agent,
            started_at=now,
            ended_at=None,
            outcome=None,
            error=None,
        )
        kept.attempts.append(attempt)
        self.tell("task.claimed", kept, agent, caller.traceparent, epoch=epoch)
        answered = [gate for gate in self.gates_of(kept.task) if gate.status is GateStatus.ANSWERED]
        inputs = [self.state.artifacts[known][0] for known in kept.inputs]
        expires_at = kept.lease.expires_at
        return Claim(
            task=kept.task, epoch=epoch, lease_expires_at=expires_at, inputs=inputs, answers=answered
        )

    def gates_of(self, task: Task) -> Iterable[Gate]:
        """Its gates, oldest first."""
        return [gate for gate in self.state.gates.values() if gate.task_id == task.id]

    def held(self, task_id: str, epoch: int, caller: Caller) -> Kept:
        """A task that this epoch and this caller hold.

        Raises:
            StaleClaim: The epoch does not.
            Forbidden: It does, with another key.
        """
        kept = self.kept(task_id)
        if kept.lease is None or kept.lease.epoch != epoch:
            detail = f"epoch {epoch} does not hold task {kept.task.number}: it is {kept.task.status}"
            raise refusal(errors.StaleClaim, detail, kept.task)
        if caller.held_by not in (None, kept.lease.key_id):
            raise errors.Forbidden(f"task {kept.task.number} is held by {kept.lease.agent}, with another key")
        return kept

    def renew(self, kept: Kept, lease_s: int) -> datetime:
        """A lease's new end; the task is held.

        Raises:
            LookupError: It is not.
        """
        if kept.lease is None:
            raise LookupError("a lease that was found held")
        expires_at = self.state.clock() + timedelta(seconds=lease_s)
        kept.lease = dataclasses.replace(kept.lease, expires_at=expires_at)
        return expires_at

    # --- endings

    def complete(self, kept: Kept, caller: Caller, done: Complete) -> None:
        """Ends it with its result, even if its cancellation was asked for: the work is done."""
        self.change(
            kept, _holder(kept), status=TaskStatus.COMPLETED, result=done.result, error=None, progress=1.0,
            finished_at=self.state.clock(), cancel_requested=False,
        )  # fmt: skip
        self._let_go(kept, "completed")
        self.tell("task.completed", kept, kept.task.updated_by, caller.traceparent, result=done.result)

    def fail(self, kept: Kept, caller: Caller, failure: Fail) -> None:
        """Ends the attempt; the task is tried again after a pause while attempts are left."""
        self.set_back(kept, _holder(kept), caller.traceparent, failure.error, "failed", failure.retryable)

    def set_back(
        self, kept: Kept, by: str, trace: str | None, error: str, outcome: str, retryable: bool
    ) -> None:
        """What a failed attempt does to its task: again later, or the end."""
        now, task = self.state.clock(), kept.task
        again = retryable and kept.failures + 1 < task.max_attempts
        status = self._unless_cancelled(kept, TaskStatus.PENDING if again else TaskStatus.FAILED)
        pause_s = min(3600.0, self.state.retry_base_s * 2 ** min(kept.failures, 20))
        if outcome == "lease_expired":
            pause_s = 0.0
        waits = status is TaskStatus.PENDING
        kept.failures += 1
        self.change(
            kept, by, status=status, error=error, progress=None, progress_note=None,
            assigned_to=None if waits else task.assigned_to,
            run_after=now + timedelta(seconds=pause_s) if again else task.run_after,
            finished_at=None if waits else now,
        )  # fmt: skip
        self._let_go(kept, outcome, error)
        kinds = {TaskStatus.PENDING: "task.retried", TaskStatus.FAILED: "task.failed"}
        self.tell(kinds.get(status, "task.cancelled"), kept, by, trace, error=error)

    def block(self, kept: Kept, caller: Caller, ask: Block) -> None:
        """Opens a gate and gives the task up until it is answered."""
        now, by = self.state.clock(), _holder(kept)
        status = self._unless_cancelled(kept, TaskStatus.BLOCKED)
        self._change_back(kept, by, status, blocked_reason=ask.question)
        self._let_go(kept, "blocked")
        if status is TaskStatus.CANCELLED:
            self.tell("task.cancelled", kept, by, caller.traceparent, question=ask.question)
            return
        expires_at = None if ask.expires_in_s is None else now + timedelta(seconds=ask.expires_in_s)
        gate = Gate(
            id=GateId(str(uuid.uuid4())), task_id=kept.task.id, kind=ask.kind, question=ask.question,
            options=ask.options, status=GateStatus.OPEN, answer=None, answered_by=None, created_at=now,
            answered_at=None, expires_at=expires_at,
        )  # fmt: skip
        self.state.gates[gate.id] = gate
        said = {"gate_id": gate.id, "question": gate.question, "options": gate.options}
        self.tell("task.blocked", kept, by, caller.traceparent, **said)
        self.tell_of_gate("gate.opened", gate, by, caller.traceparent)

    def release(self, kept: Kept, caller: Caller, back: Release) -> None:
        """Gives it back undone; that costs none of its attempts."""
        by, status = _holder(kept), self._unless_cancelled(kept, TaskStatus.PENDING)
        parts = [one for one in back.wait_for if self._is_part(one, kept.task.id)]
        self._change_back(kept, by, status, depends_on=list(dict.fromkeys([*kept.task.depends_on, *parts])))
        self._let_go(kept, "released")
        kind = "task.cancelled" if status is TaskStatus.CANCELLED else "task.released"
        self.tell(kind, kept, by, caller.traceparent, reason=back.reason)

    def stop(self, task_id: str, epoch: int, caller: Caller, reason: str) -> Task:
        """Ends what a worker has stopped, as asked.

        Raises:
            InvalidTransition: Nobody asked.
        """
        task = self.kept(task_id).task
        running = task.status is TaskStatus.IN_PROGRESS and task.claim_epoch == epoch
        if running and not task.cancel_requested:
            detail = f"nobody asked to cancel task {task.number}; release or fail it"
            raise refusal(errors.InvalidTransition, detail, task)
        kept = self.held(task_id, epoch, caller)
        by = _holder(kept)
        self.change(kept, by, status=TaskStatus.CANCELLED, finished_at=self.state.clock())
        self._let_go(kept, "cancelled")
        self.tell("task.cancelled", kept, by, caller.traceparent, reason=reason)
        return kept.task

    def _change_back(self, kept: Kept, by: str, status: TaskStatus, **more: Any) -> None:
        ended_at = self.state.clock() if status is TaskStatus.CANCELLED else None
        self.change(kept, by, status=status, finished_at=ended_at, **LET_GO, **more)

    def _unless_cancelled(self, kept: Kept, status: TaskStatus) -> TaskStatus:
        """A task that nobody wants any more does not wait for another worker."""
        return TaskStatus.CANCELLED if kept.task.cancel_requested else status

    def _let_go(self, kept: Kept, outcome: str, error: str | None = None) -> None:
        outcome = "cancelled" if kept.task.status is TaskStatus.CANCELLED else outcome
        ended = {"ended_at": self.state.clock(), "outcome": outcome, "error": error}
        kept.attempts[-1] = msgspec.structs.replace(kept.attempts[-1], **ended)
        kept.lease = None

    # --- what runs out

    def sweep(self) -> None:
        """Leases and gates that ran out."""
        now = self.state.clock()
        for kept in self.state.tasks.values():
            if kept.lease and kept.lease.expires_at < now:
                error = f"lease_expired: {kept.lease.agent} was not heard of in time"
                self.set_back(kept, "ledger", None, error, "lease_expired", retryable=True)
        for gate in list(self.state.gates.values()):
            if gate.status is GateStatus.OPEN and gate.expires_at and gate.expires_at < now:
                self.close(gate, "ledger", None, status=GateStatus.EXPIRED)

    def close(
        self, gate: Gate, by: str, trace: str | None, *, status: GateStatus, answer: str | None = None
    ) -> Gate:
        """Answer a gate or let it expire; its task goes back to the workers."""
        answered = {"answer": answer, "answered_by": by, "answered_at": self.state.clock()}
        changes = answered if status is GateStatus.ANSWERED else {}
        gate = self.state.gates[gate.id] = msgspec.structs.replace(gate, status=status, **changes)
        kept = self.kept(gate.task_id)
        self.change(kept, by, status=TaskStatus.PENDING, blocked_reason=None, **LET_GO)
        kind = "gate.answered" if status is GateStatus.ANSWERED else "gate.expired"
        self.tell_of_gate(kind, gate, by, trace)
        self.tell("task.updated", kept, by, trace)
        return gate


def _holder(kept: Kept) -> str:
    return kept.lease.agent if kept.lease else "ledger"


def refusal(kind: type[errors.Conflict], detail: str, task: Task) -> errors.Conflict:
    """An error that shows the task's present state."""
    return conflict(kind, detail, state_of(task))


def conflict(kind: type[errors.Conflict], detail: str, current: dict[str, Any]) -> errors.Conflict:
    """An error that shows the present state."""
    problem = Problem(status=409, code=kind.default_code, detail=detail, current=current)
    return kind(detail, problem=problem)
