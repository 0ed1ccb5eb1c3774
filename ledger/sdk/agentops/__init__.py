"""The typed client of the Chief of Staff's ledger: tasks, leases, gates, artifacts, events.

Owns: the wire types (`agentops.wire`, shared with the ledger itself), the errors (`agentops.errors`),
the client (`agentops.client`), the subscription to events (`agentops.events`), the check of other
people's keys (`agentops.keys`) and traces (`agentops.tracing`). Imported by name: the worker
(`agentops.worker`), the ledger in memory for tests (`agentops.testing`) and, behind an extra, the MCP
server (`agentops.mcp`). May import: httpx, msgspec, websockets, the standard library.
Start reading at `client`, then `transport`; the calls themselves are thin.
"""

from typing import TYPE_CHECKING

from agentops.errors import (
    AgentNotFound,
    AgentOpsError,
    ArtifactNotFound,
    BudgetExhausted,
    BudgetExists,
    BudgetNotFound,
    ClaimLost,
    Conflict,
    ContactTaken,
    CursorExpired,
    DependencyCycle,
    Forbidden,
    GateClosed,
    GateNotFound,
    IdempotencyMismatch,
    InvalidTransition,
    LedgerFault,
    LoginInvalid,
    NotFound,
    PairingClosed,
    PairingNotFound,
    Paused,
    PersonNotFound,
    ProjectNotFound,
    RateLimited,
    ScheduleNotFound,
    SkillNotFound,
    SkillRetired,
    StaleClaim,
    TaskNotFound,
    TooLarge,
    TooManyPairings,
    Unauthenticated,
    Unavailable,
    ValidationFailed,
    VersionConflict,
)
from agentops.retry import Backoff, RetryPolicy

if TYPE_CHECKING:
    from agentops.client import AgentOpsClient
    from agentops.keys import KeyVerifier
else:

    def __getattr__(name: str) -> object:
        """Import at first use what needs an HTTP client: the ledger, which shares the wire types, does not.

        That client costs half a second and 17 MB.
        """
        from importlib import import_module

        homes = {"AgentOpsClient": "agentops.client", "KeyVerifier": "agentops.keys"}
        if name in homes:
            return getattr(import_module(homes[name]), name)
        raise AttributeError(f"module 'agentops' has no attribute {name!r}")


__all__ = [
    "AgentNotFound",
    "AgentOpsClient",
    "AgentOpsError",
    "ArtifactNotFound",
    "Backoff",
    "BudgetExhausted",
    "BudgetExists",
    "BudgetNotFound",
    "ClaimLost",
    "Conflict",
    "ContactTaken",
    "CursorExpired",
    "DependencyCycle",
    "Forbidden",
    "GateClosed",
    "GateNotFound",
    "IdempotencyMismatch",
    "InvalidTransition",
    "KeyVerifier",
    "LedgerFault",
    "LoginInvalid",
    "NotFound",
    "PairingClosed",
    "PairingNotFound",
    "Paused",
    "PersonNotFound",
    "ProjectNotFound",
    "RateLimited",
    "RetryPolicy",
    "ScheduleNotFound",
    "SkillNotFound",
    "SkillRetired",
    "StaleClaim",
    "TaskNotFound",
    "TooLarge",
    "TooManyPairings",
    "Unauthenticated",
    "Unavailable",
    "ValidationFailed",
    "VersionConflict",
]
