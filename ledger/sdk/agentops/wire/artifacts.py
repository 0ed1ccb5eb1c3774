"""Stored files."""

from datetime import datetime

from agentops.wire.base import ArtifactId, Response, TaskId


class Artifact(Response, frozen=True):
    id: ArtifactId
    task_id: TaskId | None
    name: str
    media_type: str
    size_bytes: int
    sha256: str
    """Hex."""
    kind: str
    """`input` (given by the person), `output` (made by a worker) or `record` (what a worker keeps of its
    work: notes to go on from, the transcript)."""
    created_by: str
    created_at: datetime
