"""The typed client of the Chief of Staff's ledger: tasks, leases, gates, artifacts, events.

Owns: the wire types (`agentops.wire`, shared with the ledger itself), the errors (`agentops.errors`),
the client (`agentops.client`), the subscription to events (`agentops.events`) and the check of other
people's keys (`agentops.keys`). May import: httpx, msgspec, websockets, the standard library.
Start reading at `client`, then `transport`; the calls themselves are thin.
"""

from typing import TYPE_CHECKING

from agentops.errors import (
    AgentNotFound,
    AgentOpsError,
    ArtifactNotFound,
    ClaimLost,
    Conflict,
    DependencyCycle,
    Forbidden,
    GateClosed,
    GateNotFound,
    IdempotencyMismatch,
    InvalidTransition,
    LedgerFault,
    LoginInvalid,
    NotFound,
    ProjectNotFound,
    RateLimited,
    StaleClaim,
    TaskNotFound,
    TooLarge,
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
    "ClaimLost",
    "Conflict",
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
    "ProjectNotFound",
    "RateLimited",
    "RetryPolicy",
    "StaleClaim",
    "TaskNotFound",
    "TooLarge",
    "Unauthenticated",
    "Unavailable",
    "ValidationFailed",
    "VersionConflict",
]
