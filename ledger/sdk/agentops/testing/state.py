"""What the ledger in memory holds."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from agentops.testing.log import Log
from agentops.wire import (
    Agent,
    Artifact,
    Attempt,
    Budget,
    Gate,
    Key,
    Project,
    Schedule,
    Scope,
    Session,
    System,
    Task,
    TurnRecord,
    UsageRecord,
)


@dataclass(frozen=True, slots=True)
class Lease:
    """Who may write to a task, and until when."""

    epoch: int
    agent: str
    key_id: str
    expires_at: datetime


@dataclass(slots=True)
class Kept:
    """A task with what belongs to it."""

    task: Task
    inputs: list[str] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    lease: Lease | None = None
    failures: int = 0


@dataclass(slots=True)
class State:
    """All of it. Each request runs to its end without waiting, so that none sees another's half."""

    clock: Callable[[], datetime]
    retry_base_s: float
    max_upload_bytes: int
    log: Log = field(default_factory=Log)
    projects: dict[str, Project] = field(default_factory=dict)
    tasks: dict[str, Kept] = field(default_factory=dict)
    gates: dict[str, Gate] = field(default_factory=dict)
    agents: dict[str, Agent] = field(default_factory=dict)
    artifacts: dict[str, tuple[Artifact, bytes]] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    turns: dict[str, TurnRecord] = field(default_factory=dict)
    keys: dict[str, Key] = field(default_factory=dict)
    """By secret."""
    schedules: dict[str, Schedule] = field(default_factory=dict)
    usage: list[UsageRecord] = field(default_factory=list)
    """Each with its time."""
    budgets: dict[str, Budget] = field(default_factory=dict)
    paused: System | None = None
    """While everything is."""
    logins: dict[str, tuple[Scope, datetime]] = field(default_factory=dict)
    """By token."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks."""

    key: Key
    traceparent: str | None

    @property
    def held_by(self) -> str | None:
        """The key that must hold the lease, or None where any will do."""
        return None if self.key.scope is Scope.ADMIN else self.key.id
