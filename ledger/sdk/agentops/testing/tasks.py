"""Tasks, claims and gates over the wire, in memory."""

import uuid

import msgspec
from msgspec import UNSET

from agentops import errors
from agentops.testing.asking import Asking, checked, existing, zoned
from agentops.testing.life import LET_GO, Life, conflict, refusal
from agentops.testing.listing import RANKS
from agentops.testing.state import Kept
from agentops.testing.stops import passed_over, refusal_for
from agentops.wire import (
    Attempt,
    Block,
    Cancel,
    Claim,
    ClaimNextRequest,
    ClaimRequest,
    Claims,
    Complete,
    Fail,
    Gate,
    GateAnswer,
    GateStatus,
    Heartbeat,
    LeaseState,
    NewTask,
    Page,
    Release,
    Retry,
    Scope,
    Task,
    TaskPatch,
    TaskStatus,
)


def create_task(asking: Asking) -> Task:
    caller, new = asking.need(Scope.AGENT), asking.read(NewTask)
    check(asking, new)
    if caller.held_by is not None:
        _allow_part(asking, new)
    return write_down(asking, new)


def check(asking: Asking, new: NewTask) -> None:
    """Refuses what names something that does not exist."""
    for field, ids, known in (
        ("project_id", [new.project_id], asking.state.projects),
        ("parent_id", [new.parent_id], asking.state.tasks),
        ("depends_on", new.depends_on, asking.state.tasks),
        ("attachments", new.attachments, asking.state.artifacts),
    ):
        checked(ids, field)
        existing(ids, known, field)
    zoned(new.due_at, "due_at")
    zoned(new.run_after, "run_after")


def _allow_part(asking: Asking, new: NewTask) -> None:
    """A worker makes only parts of a task that it holds; they may wait for each other."""
    if new.parent_id is None or new.parent_epoch is None:
        raise errors.Forbidden("a worker makes only parts of a task that it holds")
    Life(asking.state).held(new.parent_id, new.parent_epoch, asking.by)
    if any(asking.state.tasks[one].task.parent_id != new.parent_id for one in new.depends_on):
        raise errors.Forbidden("depends_on: a part may wait only for other parts of the same task")


def write_down(asking: Asking, new: NewTask) -> Task:
    """Keeps a checked task."""
    caller = asking.by
    kept = Kept(_new_task(asking, new), inputs=list(dict.fromkeys(new.attachments)))
    asking.state.tasks[kept.task.id] = kept
    for artifact_id in kept.inputs:
        artifact, content = asking.state.artifacts[artifact_id]
        if artifact.task_id is None:
            adopted = msgspec.structs.replace(artifact, task_id=kept.task.id)
            asking.state.artifacts[artifact_id] = (adopted, content)
    told = {"run_after": kept.task.run_after}
    Life(asking.state).tell("task.created", kept, caller.key.name, caller.traceparent, **told)
    return kept.task


def _new_task(asking: Asking, new: NewTask) -> Task:
    """Every field of a task that the request has no word for is empty yet."""
    now, by = asking.state.clock(), asking.by.key.name
    given = {name: value for name, value in msgspec.structs.asdict(new).items() if name != "attachments"}
    given["depends_on"] = list(dict.fromkeys(new.depends_on))
    begun = {
        "id": str(uuid.uuid4()), "number": len(asking.state.tasks) + 1, "status": TaskStatus.PENDING,
        "version": 1, "attempt": 0, "claim_epoch": 0, "cancel_requested": False, "created_by": by,
        "updated_by": by, "created_at": now, "updated_at": now,
    }  # fmt: skip
    empty = dict.fromkeys(Task.__struct_fields__)
    known = {name: value for name, value in (empty | given | begun).items() if name in empty}
    return Task(**known)  # type: ignore[arg-type]


def get_task(asking: Asking) -> Task:
    return Life(asking.state).kept(asking.ids[0]).task


def update_task(asking: Asking) -> Task:
    caller, patch, life = asking.need(), asking.read(TaskPatch), Life(asking.state)
    kept = life.kept(asking.ids[0])
    fields = msgspec.structs.asdict(patch)
    version = fields.pop("version")
    changes = {name: value for name, value in fields.items() if value is not UNSET}
    if not changes:
        return kept.task
    for name in ("due_at", "run_after"):
        zoned(changes.get(name), name)
    checked([changes.get("project_id")], "project_id")
    existing([changes.get("project_id")], asking.state.projects, "project_id")
    if version not in (UNSET, kept.task.version):
        detail = f"task {kept.task.number} has version {kept.task.version}, not {version}"
        raise refusal(errors.VersionConflict, detail, kept.task)
    life.change(kept, caller.key.name, **changes)
    told = {"run_after": kept.task.run_after}
    life.tell("task.updated", kept, caller.key.name, caller.traceparent, **told)
    return kept.task


def list_attempts(asking: Asking) -> Page[Attempt]:
    return Page(items=Life(asking.state).kept(asking.ids[0]).attempts)


def cancel(asking: Asking) -> Task:
    wish, life = asking.read(Cancel), Life(asking.state)
    if wish.epoch is not None:
        return life.stop(asking.ids[0], wish.epoch, asking.need(Scope.AGENT), wish.reason)
    caller, kept = asking.need(), life.kept(asking.ids[0])
    running = kept.task.status is TaskStatus.IN_PROGRESS
    if running and kept.task.cancel_requested:
        return kept.task
    if not running and kept.task.status not in (TaskStatus.PENDING, TaskStatus.BLOCKED):
        detail = f"task {kept.task.number} is {kept.task.status} already"
        raise refusal(errors.InvalidTransition, detail, kept.task)
    by, trace = caller.key.name, caller.traceparent
    ended = {"status": TaskStatus.CANCELLED, "finished_at": asking.state.clock(), "cancel_requested": False}
    life.change(kept, by, **({"cancel_requested": True} if running else ended))
    told = {"reason": wish.reason, "cancel_requested": running}
    life.tell("task.updated" if running else "task.cancelled", kept, by, trace, **told)
    for gate in life.gates_of(kept.task):
        if gate.status is GateStatus.OPEN and not running:
            closed = msgspec.structs.replace(gate, status=GateStatus.EXPIRED)
            asking.state.gates[gate.id] = closed
            life.tell_of_gate("gate.expired", closed, by, trace)
    return kept.task


def retry(asking: Asking) -> Task:
    caller, wish, life = asking.need(), asking.read(Retry), Life(asking.state)
    kept = life.kept(asking.ids[0])
    if kept.task.status is not TaskStatus.FAILED:
        detail = f"task {kept.task.number} is {kept.task.status}; only a failed task is tried again"
        raise refusal(errors.InvalidTransition, detail, kept.task)
    kept.failures = 0
    life.change(
        kept, caller.key.name, status=TaskStatus.PENDING, attempt=0, error=None, run_after=None,
        finished_at=None, cancel_requested=False, **LET_GO,
    )  # fmt: skip
    life.tell("task.retried", kept, caller.key.name, caller.traceparent, reason=wish.reason)
    return kept.task


def claim(asking: Asking) -> Claim:
    caller, wish, life = asking.need(Scope.AGENT), asking.read(ClaimRequest), Life(asking.state)
    kept = life.kept(asking.ids[0])
    task = kept.task
    if task.version != wish.version:
        detail = f"task {task.number} has version {task.version}, not {wish.version}; it is {task.status}"
        raise refusal(errors.VersionConflict, detail, task)
    if task.status is not TaskStatus.PENDING:
        raise refusal(errors.InvalidTransition, f"task {task.number} is {task.status}", task)
    stopped = refusal_for(asking.state, task, wish.agent)
    if stopped is not None:
        raise stopped
    if not life.ready(kept):
        raise refusal(errors.InvalidTransition, f"task {task.number} may not run yet", task)
    return life.claim(kept, caller, wish.agent, wish.lease_s)


def claim_next(asking: Asking) -> Claims:
    caller, wish, life = asking.need(Scope.AGENT), asking.read(ClaimNextRequest), Life(asking.state)
    ready = ready_for(asking, wish)
    claims = [life.claim(kept, caller, wish.agent, wish.lease_s) for kept in ready]
    if len(claims) == wish.n:
        return Claims(claims=claims)
    paused, stopped = passed_over(asking.state, wish.agent)
    return Claims(claims=claims, paused=paused, stopped=stopped)


def ready_for(asking: Asking, wish: ClaimNextRequest) -> list[Kept]:
    """What may be claimed for this wish, most urgent first."""
    life, offered = Life(asking.state), set(wish.capabilities)
    ready = [
        kept
        for kept in asking.state.tasks.values()
        if life.ready(kept)
        and refusal_for(asking.state, kept.task, wish.agent) is None
        and offered.issuperset(kept.task.capabilities)
        and (kept.task.capabilities or not wish.only_matching)
    ]
    ready.sort(key=lambda kept: (-RANKS.index(kept.task.priority), kept.task.number))
    return ready[: wish.n]


def heartbeat(asking: Asking) -> LeaseState:
    caller, beat, life = asking.need(Scope.AGENT), asking.read(Heartbeat), Life(asking.state)
    kept = life.held(asking.ids[0], beat.epoch, caller)
    expires_at = life.renew(kept, beat.lease_s)
    said = {"progress": beat.progress, "progress_note": beat.note}
    if news := {name: value for name, value in said.items() if value is not None}:
        kept.task = msgspec.structs.replace(kept.task, updated_at=asking.state.clock(), **news)
        task = kept.task
        told = {"progress": task.progress, "note": task.progress_note}
        life.tell("task.progress", kept, task.updated_by, caller.traceparent, **told)
    return LeaseState(
        lease_expires_at=expires_at,
        cancel_requested=kept.task.cancel_requested,
        paused=asking.state.paused is not None,
    )


def complete(asking: Asking) -> Task:
    caller, body, life = asking.need(Scope.AGENT), asking.read(Complete), Life(asking.state)
    kept = life.held(asking.ids[0], body.epoch, caller)
    life.complete(kept, caller, body)
    return kept.task


def fail(asking: Asking) -> Task:
    caller, body, life = asking.need(Scope.AGENT), asking.read(Fail), Life(asking.state)
    kept = life.held(asking.ids[0], body.epoch, caller)
    life.fail(kept, caller, body)
    return kept.task


def block(asking: Asking) -> Task:
    caller, body, life = asking.need(Scope.AGENT), asking.read(Block), Life(asking.state)
    kept = life.held(asking.ids[0], body.epoch, caller)
    life.block(kept, caller, body)
    return kept.task


def release(asking: Asking) -> Task:
    caller, body, life = asking.need(Scope.AGENT), asking.read(Release), Life(asking.state)
    kept = life.held(asking.ids[0], body.epoch, caller)
    life.release(kept, caller, body)
    return kept.task


def list_gates(asking: Asking) -> Page[Gate]:
    status, task_id = asking.query.get("status"), asking.query.get("task_id")
    checked([task_id], "task_id")
    found = [
        gate
        for gate in asking.state.gates.values()
        if status in (None, gate.status) and task_id in (None, gate.task_id)
    ]
    return Page(items=found)


def get_gate(asking: Asking) -> Gate:
    gate = asking.state.gates.get(asking.ids[0].lower())
    if gate is None:
        raise errors.GateNotFound(f"no gate has the id {asking.ids[0][:80]}")
    return gate


def answer_gate(asking: Asking) -> Gate:
    caller, given, gate = asking.need(), asking.read(GateAnswer), get_gate(asking)
    if gate.status is not GateStatus.OPEN:
        current = {"status": gate.status.value, "answer": gate.answer, "answered_by": gate.answered_by}
        raise conflict(errors.GateClosed, f"this gate is {gate.status}; it takes one answer", current)
    by = given.by or caller.key.name
    life = Life(asking.state)
    return life.close(gate, by, caller.traceparent, status=GateStatus.ANSWERED, answer=given.answer)
