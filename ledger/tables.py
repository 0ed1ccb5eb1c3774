"""Every table of the ledger, for migrations and for plain reads.

Ids are UUIDs made by the database; times are the database's clock. Status and priority hold the words
and ranks of `ledger.tasks.states`. What writes a task lives in `ledger.tasks.sql`.
"""

from typing import Any

from piccolo.columns import (
    JSON,
    JSONB,
    UUID,
    Array,
    BigInt,
    BigSerial,
    Boolean,
    Bytea,
    DoublePrecision,
    ForeignKey,
    Integer,
    SmallInt,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table

from ledger.engine import DIALECT
from ledger.schedules.tables import Schedule
from ledger.system.tables import ClaimStop, EventHorizon
from ledger.usage.tables import Budget, Usage


class Project(Table, db=DIALECT):
    id = UUID(primary_key=True, default=UUID4())
    name = Varchar(length=200)
    description = Text()
    version = Integer(default=1)
    created_by = Varchar(length=500)
    created_at = Timestamptz(default=TimestamptzNow())
    updated_at = Timestamptz(default=TimestamptzNow())


class Task(Table, db=DIALECT):
    """A piece of work; `ledger.tasks.states` says how `status` may move."""

    id = UUID(primary_key=True, default=UUID4())
    number = BigSerial(unique=True)
    project_id = ForeignKey(Project, null=True, default=None, on_delete=OnDelete.set_null, index=True)
    parent_id: ForeignKey[Any] = ForeignKey("self", null=True, default=None, on_delete=OnDelete.set_null)
    title = Varchar(length=200)
    description = Text()
    acceptance_criteria = Array(Text(), default=list)
    priority = SmallInt(default=2)
    """1 low, 2 medium, 3 high, 4 critical."""
    status = Varchar(length=20, default="pending")
    blocked_reason = Text(null=True, default=None)
    error = Text(null=True, default=None)
    version = Integer(default=1)
    assigned_to = Varchar(length=100, null=True, default=None)
    origin = Varchar(length=500, null=True, default=None)
    context = JSONB(default="{}")
    result = JSONB(null=True, default=None)
    progress = DoublePrecision(null=True, default=None)
    progress_note = Text(null=True, default=None)
    estimated_hours = DoublePrecision(null=True, default=None)
    due_at = Timestamptz(null=True, default=None)
    run_after = Timestamptz(null=True, default=None)
    capabilities = Array(Text(), default=list)
    attempt = Integer(default=0)
    failures = Integer(default=0)
    """Attempts that failed or lost their lease; being blocked or released costs none."""
    max_attempts = Integer(default=3)
    claim_epoch = Integer(default=0)
    """Raised by every claim and never set back: the fencing token."""
    cancel_requested = Boolean(default=False)
    created_by = Varchar(length=500)
    updated_by = Varchar(length=500)
    created_at = Timestamptz(default=TimestamptzNow())
    updated_at = Timestamptz(default=TimestamptzNow())
    started_at = Timestamptz(null=True, default=None)
    finished_at = Timestamptz(null=True, default=None)


class TaskDependency(Table, db=DIALECT):
    id = BigSerial(primary_key=True)
    task_id = ForeignKey(Task, null=False, on_delete=OnDelete.cascade)
    depends_on = ForeignKey(Task, null=False, on_delete=OnDelete.cascade, index=True)


class TaskWords(Table, db=DIALECT):
    """A task's words (a tsvector) for searching; a trigger keeps them."""

    task_id = ForeignKey(Task, primary_key=True, on_delete=OnDelete.cascade)
    words = Text()


class TaskAttempt(Table, db=DIALECT):
    """One claim and how it ended. Written only by statements that hold its task, so without a foreign key."""

    id = BigSerial(primary_key=True)
    task_id = UUID(default=None, null=False)
    epoch = Integer()
    agent = Varchar(length=100)
    started_at = Timestamptz(default=TimestamptzNow())
    ended_at = Timestamptz(null=True, default=None)
    outcome = Varchar(length=20, null=True, default=None)
    error = Text(null=True, default=None)


class TaskLease(Table, db=DIALECT):
    """Exists exactly while its task is in progress. Without a foreign key, for the same reason."""

    task_id = UUID(primary_key=True, default=None)
    epoch = Integer()
    agent = Varchar(length=100)
    key_id = UUID(default=None, null=False)
    """The key that claimed: another worker's key may not write with this epoch."""
    expires_at = Timestamptz()


class Gate(Table, db=DIALECT):
    """A question or an approval that a blocked task waits for."""

    id = UUID(primary_key=True, default=UUID4())
    task_id = ForeignKey(Task, null=False, on_delete=OnDelete.cascade, index=True)
    kind = Varchar(length=20)
    question = Text()
    options = Array(Text(), default=list)
    status = Varchar(length=20, default="open")
    answer = Text(null=True, default=None)
    answered_by = Varchar(length=500, null=True, default=None)
    created_at = Timestamptz(default=TimestamptzNow())
    answered_at = Timestamptz(null=True, default=None)
    expires_at = Timestamptz(null=True, default=None)


class Agent(Table, db=DIALECT):
    name = Varchar(length=100, primary_key=True)
    kind = Varchar(length=100)
    status = Varchar(length=20, default="online")
    capabilities = Array(Text(), default=list)
    software = Varchar(length=500)
    last_seen_at = Timestamptz(default=TimestamptzNow())
    created_at = Timestamptz(default=TimestamptzNow())


class Artifact(Table, db=DIALECT):
    """What is known of some bytes; the bytes lie in the object store under `id`."""

    id = UUID(primary_key=True, default=UUID4())
    task_id = ForeignKey(Task, null=True, default=None, on_delete=OnDelete.set_null)
    name = Varchar(length=200)
    media_type = Varchar(length=200)
    size_bytes = BigInt()
    sha256 = Varchar(length=64)
    kind = Varchar(length=20)
    created_by = Varchar(length=500)
    created_at = Timestamptz(default=TimestamptzNow())


class TaskInput(Table, db=DIALECT):
    """An artifact that a task works on."""

    id = BigSerial(primary_key=True)
    task_id = ForeignKey(Task, null=False, on_delete=OnDelete.cascade)
    artifact_id = ForeignKey(Artifact, null=False, on_delete=OnDelete.cascade, index=True)
    position = SmallInt()


class Event(Table, db=DIALECT):
    """The outbox: one row for each change, written with it.

    `(xid, seq)` is the order of reading and, in the database, the primary key.
    """

    seq = BigSerial(primary_key=True)
    xid = BigInt()
    """The writing transaction, by a default of the database."""
    type = Varchar(length=50)
    entity_type = Varchar(length=20)
    entity_id = Text()
    task_id = UUID(null=True, default=None)
    project_id = UUID(null=True, default=None)
    actor = Varchar(length=500)
    payload = JSONB(default="{}")
    traceparent = Varchar(length=100, null=True, default=None)
    at = Timestamptz(default=TimestamptzNow())


class IdempotencyKey(Table, db=DIALECT):
    """A response that is given again when the same request comes again."""

    id = BigSerial(primary_key=True)
    owner = Varchar(length=64)
    key = Varchar(length=200)
    fingerprint = Bytea()
    status = SmallInt(default=0)
    body = Bytea()
    rows = JSON(null=True, default=None)
    """Of a command, instead of status and body: what its answer is rendered from."""
    created_at = Timestamptz(default=TimestamptzNow(), index=True)


class ApiKey(Table, db=DIALECT):
    id = UUID(primary_key=True, default=UUID4())
    name = Varchar(length=200)
    scope = Varchar(length=20)
    hash = Bytea(unique=True)
    old_hash = Bytea(null=True, default=None)
    """The secret before the last rotation; good until `old_expires_at`."""
    old_expires_at = Timestamptz(null=True, default=None)
    spent_hashes = Array(Bytea(), default=list)
    """Of the secrets that it had: none of them makes a key again."""
    rotated_at = Timestamptz(null=True, default=None)
    expires_at = Timestamptz(null=True, default=None)
    revoked_at = Timestamptz(null=True, default=None)
    last_used_at = Timestamptz(null=True, default=None)
    created_at = Timestamptz(default=TimestamptzNow())


class Login(Table, db=DIALECT):
    """A one-time login; the row goes when it is redeemed."""

    hash = Bytea(primary_key=True)
    scope = Varchar(length=20)
    expires_at = Timestamptz()


class Session(Table, db=DIALECT):
    id = Varchar(length=100, primary_key=True)
    turns = Integer(default=0)
    last_turn_at = Timestamptz(default=TimestamptzNow())


class Turn(Table, db=DIALECT):
    """One thing that was said, by the person, the chief or a notice."""

    seq = BigSerial(primary_key=True)
    id = Varchar(length=100, unique=True)
    session_id = ForeignKey(Session, null=False, on_delete=OnDelete.cascade)
    role = Varchar(length=100)
    channel = Varchar(length=100)
    text = Text()
    attachments = Array(Text(), default=list)
    reply_to = Varchar(length=100, null=True, default=None)
    task_id = UUID(null=True, default=None)
    said_at = Timestamptz(default=TimestamptzNow())


class Person(Table, db=DIALECT):
    id = UUID(primary_key=True, default=UUID4())
    name = Varchar(length=200)
    role = Varchar(length=20, default="member")
    time_zone = Varchar(length=100, default="UTC")
    language = Varchar(length=35, default="en")
    created_at = Timestamptz(default=TimestamptzNow())


class Contact(Table, db=DIALECT):
    """An address on a channel; it belongs to one person."""

    id = UUID(primary_key=True, default=UUID4())
    person_id = ForeignKey(Person, null=False, on_delete=OnDelete.cascade, index=True)
    channel = Varchar(length=100)
    address = Varchar(length=500)
    label = Varchar(length=500)
    verified_at = Timestamptz(null=True, default=None)


class Pairing(Table, db=DIALECT):
    """A stranger who asks to be let in. One that ran out still says `pending`: its time tells."""

    id = UUID(primary_key=True, default=UUID4())
    code = Varchar(length=8, unique=True)
    channel = Varchar(length=100)
    address = Varchar(length=500)
    display_name = Varchar(length=500)
    status = Varchar(length=20, default="pending")
    expires_at = Timestamptz()
    created_at = Timestamptz(default=TimestamptzNow())


class Preference(Table, db=DIALECT):
    """How a person wants to hear of things; times of day are theirs, as `22:00`."""

    person_id = ForeignKey(Person, primary_key=True, on_delete=OnDelete.cascade)
    rules = JSONB(default="{}")
    channels = Array(Text(), default=list)
    quiet_from = Varchar(length=5, null=True, default=None)
    quiet_to = Varchar(length=5, null=True, default=None)
    digest_at = Varchar(length=5, null=True, default=None)
    brief_at = Varchar(length=5, null=True, default=None)
    escalate_after_s = Integer(null=True, default=None)
    voice_replies = Boolean(default=False)
    version = Integer(default=1)


class Skill(Table, db=DIALECT):
    """One version of a skill. What it consists of lies in its artifact."""

    id = UUID(primary_key=True, default=UUID4())
    name = Varchar(length=100)
    version = Integer()
    description = Text()
    sha256 = Varchar(length=64)
    artifact_id = ForeignKey(Artifact, null=True, default=None, on_delete=OnDelete.set_null)
    status = Varchar(length=20, default="registered")
    reason = Text(null=True, default=None)
    uses = BigInt(default=0)
    failures = BigInt(default=0)
    failures_in_a_row = Integer(default=0)
    last_used_at = Timestamptz(null=True, default=None)
    created_by = Varchar(length=500)
    created_at = Timestamptz(default=TimestamptzNow())
    retired_at = Timestamptz(null=True, default=None)


TABLES: list[type[Table]] = [
    Project, Task, TaskDependency, TaskAttempt, TaskLease, Gate, Agent, Artifact, TaskInput, Event,
    IdempotencyKey, ApiKey, Login, Session, Turn,
    Person, Contact, Pairing, Preference, Skill, TaskWords,
    Schedule, Usage, Budget, ClaimStop, EventHorizon,
]  # fmt: skip
