"""Registered workers."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta

from agentops.wire.base import AgentStatus, LeaseSeconds, Line, Request, Response, Slug, TaskId


class NewAgent(Request, frozen=True):
    name: Slug
    kind: Slug = "seed"
    capabilities: Annotated[list[Slug], Meta(max_length=50)] = []
    software: Line = ""
    """Name and version of the worker program."""


class HeldLease(Request, frozen=True):
    task_id: TaskId
    epoch: int


class AgentHeartbeat(Request, frozen=True):
    leases: Annotated[list[HeldLease], Meta(max_length=100)] = []
    lease_s: LeaseSeconds = 60


class AgentHeartbeatResult(Response, frozen=True):
    renewed: list[TaskId]
    lost: list[TaskId]
    """Leases that another holds now, or nobody: stop that work, write nothing."""
    cancel: list[TaskId]
    """Renewed, but the person wants it stopped: stop, then cancel with the epoch."""
    paused: bool = False
    """Everything is paused: bring the work to a safe stop, and release it if that is possible."""


class Agent(Response, frozen=True):
    name: str
    kind: str
    status: AgentStatus
    capabilities: list[str]
    software: str
    current_tasks: list[TaskId]
    last_seen_at: datetime
    created_at: datetime
