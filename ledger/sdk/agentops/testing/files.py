"""Artifacts and conversations over the wire, in memory."""

import hashlib
import uuid

from msgspec.structs import replace

from agentops import errors
from agentops.testing.asking import Asking, checked, existing, zoned
from agentops.testing.life import Life
from agentops.wire import (
    Artifact,
    ArtifactId,
    NewTurn,
    Page,
    Scope,
    Session,
    TurnRecord,
)


def upload(asking: Asking) -> Artifact:
    query, life = asking.query, Life(asking.state)
    task_id = query.get("task_id")
    kind = query.get("kind") or ("input" if task_id is None else "output")
    epoch = int(query["epoch"]) if "epoch" in query else None
    checked([task_id], "task_id")
    if kind != "input" and task_id is None:
        raise errors.ValidationFailed("task_id: an output or a record belongs to a task")
    kept = None if task_id is None else life.kept(task_id)
    caller = asking.need(*((Scope.AGENT,) if kind != "input" else ()))
    if caller.held_by is not None and epoch is None:
        raise errors.Forbidden("epoch: a worker adds outputs to a task that it holds; say with which epoch")
    by = caller.key.name
    if kept is not None and epoch is not None:
        by = _agent_of(life, kept.task.id, epoch, asking)
    if len(asking.body) > asking.state.max_upload_bytes:
        raise errors.TooLarge(f"an artifact may have {asking.state.max_upload_bytes:,} bytes")
    artifact = Artifact(
        id=ArtifactId(str(uuid.uuid4())), task_id=kept.task.id if kept else None, name=query["name"],
        media_type=asking.media_type, size_bytes=len(asking.body),
        sha256=hashlib.sha256(asking.body).hexdigest(), kind=kind, created_by=by,
        created_at=asking.state.clock(),
    )  # fmt: skip
    asking.state.artifacts[artifact.id] = (artifact, asking.body)
    if kept is not None and kind == "input":
        kept.inputs.append(artifact.id)
    _tell_of_artifact(asking, artifact)
    return artifact


def _agent_of(life: Life, task_id: str, epoch: int, asking: Asking) -> str:
    kept = life.held(task_id, epoch, asking.by)
    return kept.lease.agent if kept.lease else asking.by.key.name


def _tell_of_artifact(asking: Asking, artifact: Artifact) -> None:
    shown = ("name", "media_type", "size_bytes", "sha256", "kind")
    task = asking.state.tasks[artifact.task_id].task if artifact.task_id else None
    asking.state.log.tell(
        type="artifact.created", entity_type="artifact", entity_id=artifact.id, task_id=artifact.task_id,
        project_id=task.project_id if task else None, actor=artifact.created_by,
        payload={name: getattr(artifact, name) for name in shown}, traceparent=asking.by.traceparent,
        at=asking.state.clock(),
    )  # fmt: skip


def list_artifacts(asking: Asking) -> Page[Artifact]:
    task_id = asking.query.get("task_id")
    checked([task_id], "task_id")
    everything = [artifact for artifact, _ in asking.state.artifacts.values()]
    if task_id is None:
        return Page(items=everything[::-1][: asking.number("limit", 100)])
    inputs = Life(asking.state).kept(task_id).inputs
    found = [artifact for artifact in everything if artifact.id in inputs or artifact.task_id == task_id]
    return Page(items=sorted(found, key=lambda artifact: artifact.kind))


def get_artifact(asking: Asking) -> Artifact:
    return _stored(asking)[0]


def get_content(asking: Asking) -> bytes:
    return _stored(asking)[1]


def _stored(asking: Asking) -> tuple[Artifact, bytes]:
    found = asking.state.artifacts.get(asking.ids[0].lower())
    if found is None:
        raise errors.ArtifactNotFound(f"no artifact has the id {asking.ids[0][:80]}")
    return found


def record_turn(asking: Asking) -> TurnRecord:
    asking.need()
    new, session_id = asking.read(NewTurn), asking.ids[0]
    checked(new.attachments, "attachments")
    checked([new.task_id], "task_id")
    existing(new.attachments, asking.state.artifacts, "attachments")
    zoned(new.said_at, "said_at")
    if known := asking.state.turns.get(new.id):
        return known
    turn = TurnRecord(
        id=new.id, session_id=session_id, seq=len(asking.state.turns) + 1, role=new.role,
        channel=new.channel, text=new.text,
        attachments=[asking.state.artifacts[name][0] for name in new.attachments], reply_to=new.reply_to,
        task_id=new.task_id, said_at=new.said_at or asking.state.clock(),
    )  # fmt: skip
    asking.state.turns[turn.id] = turn
    before = asking.state.sessions.get(session_id) or Session(
        id=session_id, last_turn_at=turn.said_at, turns=0
    )
    asking.state.sessions[session_id] = Session(
        id=session_id, last_turn_at=max(before.last_turn_at, turn.said_at), turns=before.turns + 1
    )
    return replace(turn, place=before.turns + 1)


def list_turns(asking: Asking) -> Page[TurnRecord]:
    after, before = asking.number("after", -1), asking.number("before", 2**63)
    limit, all_turns = asking.number("limit", 100), asking.state.turns.values()
    found = [turn for turn in all_turns if turn.session_id == asking.ids[0] and after < turn.seq < before]
    if "after" not in asking.query:
        return Page(items=found[-limit:])
    return Page(items=found[:limit], next=str(found[limit - 1].seq) if len(found) > limit else None)


def list_sessions(asking: Asking) -> Page[Session]:
    return Page(
        items=sorted(asking.state.sessions.values(), key=lambda session: session.last_turn_at, reverse=True)
    )
