"""The ledger's wire types: every request and response body, as frozen msgspec Structs.

The ledger and its clients share this module and nothing else. Times are timezone-aware UTC, ids are
UUID strings, durations carry their unit in the name. Requests refuse unknown fields; responses
tolerate them, so that an older client can read a newer ledger.

One module for each noun; all names can be imported from here.
"""

from agentops.wire.access import (
    Key,
    Login,
    MintedKey,
    NewKey,
    NewLogin,
    RedeemLogin,
)
from agentops.wire.agents import (
    Agent,
    AgentHeartbeat,
    AgentHeartbeatResult,
    HeldLease,
    NewAgent,
)
from agentops.wire.artifacts import (
    Artifact,
)
from agentops.wire.base import (
    AgentStatus,
    ArtifactId,
    GateId,
    GateKind,
    GateStatus,
    Item,
    LeaseSeconds,
    Line,
    Name,
    Page,
    Priority,
    Problem,
    ProjectId,
    Request,
    Response,
    Scope,
    Slug,
    TaskId,
    TaskStatus,
    Text,
)
from agentops.wire.conversations import (
    NewTurn,
    Session,
    TurnRecord,
)
from agentops.wire.events import (
    Event,
    Events,
)
from agentops.wire.gates import (
    Gate,
    GateAnswer,
)
from agentops.wire.health import (
    Health,
    Stats,
)
from agentops.wire.projects import (
    NewProject,
    Project,
    ProjectPatch,
)
from agentops.wire.tasks import (
    Attempt,
    NewTask,
    Task,
    TaskPatch,
)
from agentops.wire.work import (
    Block,
    Cancel,
    Claim,
    ClaimNextRequest,
    ClaimRequest,
    Claims,
    Complete,
    Fail,
    Heartbeat,
    LeaseState,
    Release,
    Retry,
)

__all__ = [
    "Agent",
    "AgentHeartbeat",
    "AgentHeartbeatResult",
    "AgentStatus",
    "Artifact",
    "ArtifactId",
    "Attempt",
    "Block",
    "Cancel",
    "Claim",
    "ClaimNextRequest",
    "ClaimRequest",
    "Claims",
    "Complete",
    "Event",
    "Events",
    "Fail",
    "Gate",
    "GateAnswer",
    "GateId",
    "GateKind",
    "GateStatus",
    "Health",
    "Heartbeat",
    "HeldLease",
    "Item",
    "Key",
    "LeaseSeconds",
    "LeaseState",
    "Line",
    "Login",
    "MintedKey",
    "Name",
    "NewAgent",
    "NewKey",
    "NewLogin",
    "NewProject",
    "NewTask",
    "NewTurn",
    "Page",
    "Priority",
    "Problem",
    "Project",
    "ProjectId",
    "ProjectPatch",
    "RedeemLogin",
    "Release",
    "Request",
    "Response",
    "Retry",
    "Scope",
    "Session",
    "Slug",
    "Stats",
    "Task",
    "TaskId",
    "TaskPatch",
    "TaskStatus",
    "Text",
    "TurnRecord",
]
