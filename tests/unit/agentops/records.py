"""What a ledger might answer, for tests that do not care which."""

from datetime import UTC, datetime

from agentops.wire import (
    Artifact,
    ArtifactId,
    Event,
    Key,
    Project,
    ProjectId,
    Scope,
    Task,
    TaskId,
    TaskStatus,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TASK_ID = TaskId("0198a000-0000-7000-8000-000000000001")


def task(number: int = 1) -> Task:
    """A pending task."""
    return Task(
        id=TASK_ID,
        number=number,
        project_id=None,
        parent_id=None,
        title="Analyse sales.csv",
        description="",
        acceptance_criteria=[],
        priority="high",  # type: ignore[arg-type]
        status=TaskStatus.PENDING,
        blocked_reason=None,
        error=None,
        version=1,
        assigned_to=None,
        origin=None,
        context={},
        result=None,
        progress=None,
        progress_note=None,
        estimated_hours=None,
        due_at=None,
        run_after=None,
        capabilities=[],
        depends_on=[],
        attempt=0,
        max_attempts=3,
        claim_epoch=0,
        cancel_requested=False,
        created_by="chief",
        updated_by="chief",
        created_at=NOON,
        updated_at=NOON,
        started_at=None,
        finished_at=None,
    )


def project(name: str = "Spring") -> Project:
    """A project without tasks."""
    return Project(
        id=ProjectId("p1"),
        name=name,
        description="",
        version=1,
        task_counts={},
        created_by="chief",
        created_at=NOON,
        updated_at=NOON,
    )


def artifact(name: str = "sales.csv") -> Artifact:
    """A small file."""
    return Artifact(
        id=ArtifactId("a1"),
        task_id=None,
        name=name,
        media_type="text/csv",
        size_bytes=3,
        sha256="00",
        kind="input",
        created_by="chief",
        created_at=NOON,
    )


def key(scope: Scope = Scope.ADMIN) -> Key:
    """A valid key."""
    return Key(
        id="k1",
        name="panel",
        scope=scope,
        expires_at=None,
        revoked_at=None,
        last_used_at=None,
        created_at=NOON,
    )


def event(number: int, type_: str = "task.completed") -> Event:
    """The event with cursor `c<number>`."""
    return Event(
        cursor=f"c{number}",
        type=type_,
        entity_type="task",
        entity_id=TASK_ID,
        task_id=TASK_ID,
        project_id=None,
        actor="seed-1",
        payload={},
        traceparent=None,
        at=NOON,
    )
