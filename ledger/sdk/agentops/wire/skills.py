"""Skills: what seeds have learnt, version by version."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from agentops.wire.base import ArtifactId, Name, Request, Response, Slug, TaskId, Text

Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]


class SkillStatus(StrEnum):
    """A retired version is not run again and does not come back."""

    REGISTERED = "registered"
    RETIRED = "retired"


class NewSkill(Request, frozen=True):
    """A skill that was made, or a newer version of one; the ledger numbers them."""

    name: Slug
    sha256: Sha256
    """Of what is run; the same again is the same version."""
    description: Text = ""
    artifact_id: ArtifactId | None = None
    """Where its folder is stored; None: it comes with the seed."""
    task_id: TaskId | None = None
    epoch: int | None = None
    """With `task_id`, from a worker: the claim under which it was made."""


class SkillUse(Request, frozen=True):
    version: Annotated[int, Meta(ge=1, le=2**31 - 1)]
    succeeded: bool
    task_id: TaskId | None = None
    epoch: int | None = None
    """With `task_id`, from a worker: the claim under which it was used."""


class RetireSkill(Request, frozen=True):
    reason: Name
    version: Annotated[int, Meta(ge=1, le=2**31 - 1)] | None = None
    """None: all versions."""


class Skill(Response, frozen=True):
    """One version."""

    id: str
    name: str
    version: int
    description: str
    sha256: str
    artifact_id: ArtifactId | None
    status: SkillStatus
    reason: str | None
    """Why it was retired."""
    uses: int
    failures: int
    failures_in_a_row: int
    """At five the ledger retires it."""
    last_used_at: datetime | None
    created_by: str
    created_at: datetime
    retired_at: datetime | None
