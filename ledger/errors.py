"""What the ledger refuses, each with the stable `code` and the status that it has on the wire.

LedgerError
├── ValidationFailed 400
├── Unauthenticated 401
│   └── LoginInvalid
├── Forbidden 403
├── NotFound 404
│   ├── TaskNotFound
│   ├── ProjectNotFound
│   ├── GateNotFound
│   ├── ArtifactNotFound
│   ├── AgentNotFound
│   ├── PersonNotFound
│   ├── PairingNotFound
│   ├── SkillNotFound
│   ├── ScheduleNotFound
│   └── BudgetNotFound
├── Conflict 409
│   ├── VersionConflict
│   ├── StaleClaim
│   ├── InvalidTransition
│   ├── GateClosed
│   ├── DependencyCycle
│   ├── ContactTaken
│   ├── PairingClosed
│   ├── SkillRetired
│   ├── Paused
│   ├── BudgetExhausted
│   └── BudgetExists
├── CursorExpired 410
├── TooLarge 413
├── IdempotencyMismatch 422
├── RateLimited 429 (retryable)
├── TooManyPairings 429
└── Unavailable 503 (retryable)
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


class PersonNotFound(NotFound):
    code = "person_not_found"
    title = "There is no such person"


class PairingNotFound(NotFound):
    code = "pairing_not_found"
    title = "There is no such pairing"


class SkillNotFound(NotFound):
    code = "skill_not_found"
    title = "There is no such skill"


class ScheduleNotFound(NotFound):
    code = "schedule_not_found"
    title = "There is no such schedule"


class BudgetNotFound(NotFound):
    code = "budget_not_found"
    title = "There is no such budget"


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


class ContactTaken(Conflict):
    code = "contact_taken"
    title = "This address is another person's"


class PairingClosed(Conflict):
    code = "pairing_closed"
    title = "This pairing is closed already"


class SkillRetired(Conflict):
    code = "skill_retired"
    title = "This very content was retired"


class Paused(Conflict):
    code = "paused"
    title = "Everything is paused"


class BudgetExhausted(Conflict):
    code = "budget_exhausted"
    title = "A budget is spent"


class BudgetExists(Conflict):
    code = "budget_exists"
    title = "There is such a budget already"


class CursorExpired(LedgerError):
    """Events behind the cursor were removed; `current` says from where they are still kept."""

    status = 410
    code = "cursor_expired"
    title = "Events behind this cursor are no longer kept"


class TooLarge(LedgerError):
    status = 413
    code = "too_large"
    title = "That is too large"


class IdempotencyMismatch(LedgerError):
    status = 422
    code = "idempotency_mismatch"
    title = "This idempotency key belongs to another request"


class RateLimited(LedgerError):
    """Passes by itself, after `retry_after_s`."""

    status = 429
    code = "rate_limited"
    title = "Too many requests"

    def __init__(self, detail: str, *, retry_after_s: float) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class TooManyPairings(LedgerError):
    status = 429
    code = "too_many_pairings"
    title = "Enough strangers wait on this channel"


class Unavailable(LedgerError):
    """Passes by itself: the same request may be sent again."""

    status = 503
    code = "unavailable"
    title = "The ledger cannot answer just now"
