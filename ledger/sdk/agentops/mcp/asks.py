"""What the tools take, where no request of the ledger's API says it already."""

from typing import Annotated, Any

from msgspec import Meta

from agentops.wire import (
    ArtifactId,
    GateId,
    GateStatus,
    LeaseSeconds,
    Line,
    Priority,
    ProjectId,
    Request,
    Slug,
    TaskStatus,
    Text,
)

MAX_TEXT_BYTES = 200_000

SomeTask = Annotated[str, Meta(min_length=1, max_length=40, description='The id, or the number as in "12".')]
Epoch = Annotated[int, Meta(description="From the claim.")]


class ListTasks(Request, frozen=True):
    status: list[TaskStatus] = []
    project_id: ProjectId | None = None
    priority: Priority | None = None
    assigned_to: Slug | None = None
    q: Annotated[str, Meta(max_length=500, description="Words to look for in title and description.")] = ""
    limit: Annotated[int, Meta(ge=1, le=200)] = 20
    cursor: Annotated[str, Meta(max_length=200, description="`next` of the page before.")] | None = None


class OneTask(Request, frozen=True):
    task: SomeTask


class Nothing(Request, frozen=True):
    pass


class CancelTask(Request, frozen=True):
    task: SomeTask
    reason: Line = ""


class ListGates(Request, frozen=True):
    status: GateStatus | None = GateStatus.OPEN
    task: SomeTask | None = None


class AnswerGate(Request, frozen=True):
    gate_id: GateId
    answer: Annotated[str, Meta(min_length=1, max_length=10_000)]


class OneArtifact(Request, frozen=True):
    artifact_id: ArtifactId


class ListEvents(Request, frozen=True):
    after: Annotated[str, Meta(max_length=60, description='A cursor; "0" is the beginning.')] = "0"
    types: Annotated[list[Slug], Meta(description="Such as task.completed.", max_length=20)] = []
    task: SomeTask | None = None
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


class ClaimTasks(Request, frozen=True):
    agent: Annotated[Slug, Meta(description="Your name.")]
    n: Annotated[int, Meta(ge=1, le=10)] = 1
    capabilities: Annotated[list[Slug], Meta(max_length=50)] = []
    lease_s: Annotated[LeaseSeconds, Meta(description="How long the task is yours; progress renews it.")] = (
        900
    )


class Progress(Request, frozen=True):
    task: SomeTask
    epoch: Epoch
    progress: Annotated[float, Meta(ge=0, le=1)] | None = None
    note: Line | None = None
    lease_s: LeaseSeconds = 900


class CompleteTask(Request, frozen=True):
    task: SomeTask
    epoch: Epoch
    summary: Annotated[Text, Meta(description="The result, for the person.")]
    details: dict[str, Any] = {}


class FailTask(Request, frozen=True):
    task: SomeTask
    epoch: Epoch
    error: Text
    retryable: bool = True


class AskPerson(Request, frozen=True):
    task: SomeTask
    epoch: Epoch
    question: Annotated[str, Meta(min_length=1, max_length=10_000)]
    options: Annotated[list[Line], Meta(max_length=10)] = []


class ReleaseTask(Request, frozen=True):
    task: SomeTask
    epoch: Epoch
    reason: Line = ""


class StoreFile(Request, frozen=True):
    task: SomeTask
    epoch: Epoch
    name: Annotated[str, Meta(min_length=1, max_length=200)]
    text: Annotated[str, Meta(max_length=MAX_TEXT_BYTES)]
    media_type: Annotated[str, Meta(max_length=100)] = "text/markdown"
