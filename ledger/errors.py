"""What the ledger refuses, each with the stable `code` and the status that it has on the wire.

LedgerError
├── ValidationFailed 400            ├── Conflict 409
├── Unauthenticated 401             │   ├── VersionConflict
│   └── LoginInvalid                │   ├── StaleClaim
├── Forbidden 403                   │   ├── InvalidTransition
├── NotFound 404                    │   ├── GateClosed
│   ├── TaskNotFound                │   └── DependencyCycle
│   ├── ProjectNotFound             ├── TooLarge 413
│   ├── GateNotFound                ├── IdempotencyMismatch 422
│   ├── ArtifactNotFound            └── Unavailable 503 (retryable)
│   └── AgentNotFound
"""

from typing import Any, ClassVar


class LedgerError(Exception):
    """Base of all refusals; `detail` is for people and says what to do."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"
    title: ClassVar[str] = "The ledger failed"

    def __init__(
        self,
        detail: str,
        *,
        errors: list[dict[str, Any]] | None = None,
        current: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = errors or []
        self.current = current


class ValidationFailed(LedgerError):
    status = 400
    code = "validation_failed"
    title = "The request is not valid"


class Unauthenticated(LedgerError):
    status = 401
    code = "unauthenticated"
    title = "A valid key is needed"


class LoginInvalid(Unauthenticated):
    code = "login_invalid"
    title = "This login cannot be used"


class Forbidden(LedgerError):
    status = 403
    code = "forbidden"
    title = "This key may not do that"


class NotFound(LedgerError):
    status = 404
    code = "not_found"
    title = "There is no such thing"


class TaskNotFound(NotFound):
    code = "task_not_found"
    title = "There is no such task"


class ProjectNotFound(NotFound):
    code = "project_not_found"
    title = "There is no such project"


class GateNotFound(NotFound):
    code = "gate_not_found"
    title = "There is no such gate"


class ArtifactNotFound(NotFound):
    code = "artifact_not_found"
    title = "There is no such artifact"


class AgentNotFound(NotFound):
    code = "agent_not_found"
    title = "There is no such agent"


class Conflict(LedgerError):
    """Refused because of the present state, which `current` shows."""

    status = 409
    code = "invalid_transition"
    title = "The present state does not allow that"


class VersionConflict(Conflict):
    code = "version_conflict"
    title = "It has changed since you read it"


class StaleClaim(Conflict):
    code = "stale_claim"
    title = "This claim no longer holds the task"


class InvalidTransition(Conflict):
    pass


class GateClosed(Conflict):
    code = "gate_closed"
    title = "This gate is closed already"


class DependencyCycle(Conflict):
    code = "dependency_cycle"
    title = "Tasks cannot wait for each other"


class TooLarge(LedgerError):
    status = 413
    code = "too_large"
    title = "That is too large"


class IdempotencyMismatch(LedgerError):
    status = 422
    code = "idempotency_mismatch"
    title = "This idempotency key belongs to another request"


class Unavailable(LedgerError):
    """Passes by itself: the same request may be sent again."""

    status = 503
    code = "unavailable"
    title = "The ledger cannot answer just now"
