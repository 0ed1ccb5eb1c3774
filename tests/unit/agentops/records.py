"""What a ledger might answer, for tests that do not care which."""

from datetime import UTC, datetime

from agentops.wire import (
    Artifact,
    ArtifactId,
    Attention,
    Budget,
    BudgetId,
    BudgetPeriod,
    BudgetScope,
    BudgetState,
    BudgetUnit,
    Contact,
    ContactId,
    Event,
    Key,
    Pairing,
    PairingId,
    PairingStatus,
    Person,
    PersonId,
    Preferences,
    Project,
    ProjectId,
    Role,
    Schedule,
    ScheduleId,
    ScheduleStatus,
    Scope,
    Skill,
    SkillStatus,
    Task,
    TaskId,
    TaskStatus,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TASK_ID = TaskId("0198a000-0000-7000-8000-000000000001")


def schedule() -> Schedule:
    """A daily notice."""
    return Schedule(
        id=ScheduleId("s1"),
        name="daily",
        cron="30 8 * * *",
        at=None,
        time_zone="UTC",
        task=None,
        notice={"session": "main", "text": "Hello"},
        missed="once",
        status=ScheduleStatus.ACTIVE,
        next_run_at=NOON,
        last_run_at=None,
        last_task_id=None,
        last_error=None,
        runs=0,
        version=1,
        created_by="admin",
        created_at=NOON,
        updated_at=NOON,
    )


def budget() -> Budget:
    """Of which nothing is spent."""
    return Budget(
        id=BudgetId("b1"),
        name="",
        scope=BudgetScope.ALL,
        scope_id=None,
        unit=BudgetUnit.MONEY,
        period=BudgetPeriod.DAY,
        limit=1_000_000,
        spent=0,
        state=BudgetState.OK,
        time_zone="UTC",
        period_start=NOON,
        period_end=NOON,
        version=1,
        created_by="admin",
        created_at=NOON,
        updated_at=NOON,
    )


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


def contact() -> Contact:
    """An address that somebody wrote down."""
    return Contact(
        id=ContactId("c1"), person_id=PersonId("a1"), channel="telegram", address="7", label="",
        verified_at=None,
    )  # fmt: skip


def person() -> Person:
    """A member."""
    return Person(
        id=PersonId("a1"), name="Ada", role=Role.MEMBER, time_zone="UTC", language="en",
        contacts=[contact()], created_at=NOON,
    )  # fmt: skip


def pairing() -> Pairing:
    """A stranger who waits."""
    return Pairing(
        id=PairingId("p1"), code="ABCDEFGH", channel="telegram", address="7", display_name="Ada",
        status=PairingStatus.PENDING, expires_at=NOON, created_at=NOON,
    )  # fmt: skip


def preferences() -> Preferences:
    """Those of someone who hears of what is done."""
    return Preferences(
        person_id=PersonId("a1"), rules={"task.completed": Attention.RING}, channels=[], quiet_from=None,
        quiet_to=None, digest_at=None, brief_at=None, escalate_after_s=None, voice_replies=False, version=1,
    )  # fmt: skip


def skill() -> Skill:
    """One in use."""
    return Skill(
        id="s1", name="csv", version=2, description="", sha256="1" * 64, artifact_id=None,
        status=SkillStatus.REGISTERED, reason=None, uses=0, failures=0, failures_in_a_row=0,
        last_used_at=None, created_by="admin", created_at=NOON, retired_at=None,
    )  # fmt: skip


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
