"""What can go wrong when talking to the ledger, one class per kind.

    AgentOpsError
    ├── Unauthenticated          unauthenticated        401
    │   └── LoginInvalid         login_invalid          401
    ├── Forbidden                forbidden              403
    ├── NotFound                 not_found              404
    │   ├── TaskNotFound         task_not_found
    │   ├── ProjectNotFound      project_not_found
    │   ├── GateNotFound         gate_not_found
    │   ├── ArtifactNotFound     artifact_not_found
    │   ├── AgentNotFound        agent_not_found
    │   ├── PersonNotFound       person_not_found
    │   ├── PairingNotFound      pairing_not_found
    │   ├── SkillNotFound        skill_not_found
    │   ├── ScheduleNotFound     schedule_not_found
    │   └── BudgetNotFound       budget_not_found
    ├── Conflict                 conflict               409   .current
    │   ├── VersionConflict      version_conflict
    │   ├── StaleClaim           stale_claim                  also named ClaimLost
    │   ├── InvalidTransition    invalid_transition
    │   ├── GateClosed           gate_closed
    │   ├── DependencyCycle      dependency_cycle
    │   ├── ContactTaken         contact_taken
    │   ├── PairingClosed        pairing_closed
    │   ├── SkillRetired         skill_retired
    │   ├── Paused               paused                       nothing is claimed until it is resumed
    │   ├── BudgetExhausted      budget_exhausted
    │   └── BudgetExists         budget_exists
    ├── CursorExpired            cursor_expired         410
    ├── ValidationFailed         validation_failed      400   .errors
    ├── TooLarge                 too_large              413
    ├── IdempotencyMismatch      idempotency_mismatch   422
    ├── RateLimited              rate_limited           429   retryable
    ├── TooManyPairings          too_many_pairings      429
    ├── Unavailable              unavailable            503   retryable; no answer at all, too
    └── LedgerFault              internal               500

The ledger's `code` picks the class; a code that this version does not know falls back to its status.
"""

# The names say what happened; the suffix would say again that it is an error.

from typing import Any, ClassVar

import msgspec

from agentops.wire import Problem


class AgentOpsError(Exception):
    """Base of all errors of this package.

    Args:
        detail: For people: what was wrong and what to do.
        problem: What the ledger answered, if it did.
        retry_after_s: How long the ledger asked to wait before trying again.

    Attributes:
        code: Stable, for programs.
        status: The HTTP status; 0 when there was no answer.
        retryable: Whether the same call may well succeed later.
    """

    default_code: ClassVar[str] = "error"
    retryable: ClassVar[bool] = False

    def __init__(
        self, detail: str = "", *, problem: Problem | None = None, retry_after_s: float | None = None
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = problem.code if problem else self.default_code
        self.status = problem.status if problem else 0
        self.problem = problem
        self.retry_after_s = retry_after_s

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}" if self.detail else self.code


class Unauthenticated(AgentOpsError):
    """The key is missing, unknown, expired or revoked."""

    default_code = "unauthenticated"


class LoginInvalid(Unauthenticated):
    """The one-time login was used already, has expired or never was."""

    default_code = "login_invalid"


class Forbidden(AgentOpsError):
    """The key's scope does not reach this far."""

    default_code = "forbidden"


class NotFound(AgentOpsError):
    """There is no such thing, or no longer."""

    default_code = "not_found"


class TaskNotFound(NotFound):
    """No task has this id."""

    default_code = "task_not_found"


class ProjectNotFound(NotFound):
    """No project has this id."""

    default_code = "project_not_found"


class GateNotFound(NotFound):
    """No gate has this id."""

    default_code = "gate_not_found"


class ArtifactNotFound(NotFound):
    """No artifact has this id."""

    default_code = "artifact_not_found"


class AgentNotFound(NotFound):
    """No agent registered under this name."""

    default_code = "agent_not_found"


class PersonNotFound(NotFound):
    """No person has this id."""

    default_code = "person_not_found"


class PairingNotFound(NotFound):
    """Nobody was given this code."""

    default_code = "pairing_not_found"


class ScheduleNotFound(NotFound):
    """No schedule has this id."""

    default_code = "schedule_not_found"


class BudgetNotFound(NotFound):
    """No budget has this id."""

    default_code = "budget_not_found"


class SkillNotFound(NotFound):
    """No skill has this name, or not in this version."""

    default_code = "skill_not_found"


class Conflict(AgentOpsError):
    """The present state refuses the write; nothing was changed."""

    default_code = "conflict"

    @property
    def current(self) -> dict[str, Any] | None:
        """The state that refused the write, as the ledger told it."""
        return self.problem.current if self.problem else None


class VersionConflict(Conflict):
    """Another wrote in between: read again, then decide again."""

    default_code = "version_conflict"


class StaleClaim(Conflict):
    """The lease is lost: another holds the task, or nobody. Stop that work and write nothing."""

    default_code = "stale_claim"


ClaimLost = StaleClaim


class InvalidTransition(Conflict):
    """The task's status does not allow this action."""

    default_code = "invalid_transition"


class GateClosed(Conflict):
    """The gate was answered already, or has expired."""

    default_code = "gate_closed"


class DependencyCycle(Conflict):
    """The task would wait for itself."""

    default_code = "dependency_cycle"


class ContactTaken(Conflict):
    """The address is another person's."""

    default_code = "contact_taken"


class PairingClosed(Conflict):
    """The pairing was decided already, or has expired."""

    default_code = "pairing_closed"


class Paused(Conflict):
    """Everything is paused by hand; ask again later."""

    default_code = "paused"


class BudgetExhausted(Conflict):
    """A budget is spent; `current` says which, and until when."""

    default_code = "budget_exhausted"


class BudgetExists(Conflict):
    """There is a budget for this scope, unit and period; change that one, `current` has its id."""

    default_code = "budget_exists"


class CursorExpired(AgentOpsError):
    """Events behind this cursor are no longer kept, so going on from it would leave a gap unseen.

    Read the present state anew, then go on from now (`after=None`) or from the oldest event that is
    kept (`after="0"`).
    """

    default_code = "cursor_expired"


class SkillRetired(Conflict):
    """This very content was retired; it does not come back."""

    default_code = "skill_retired"


class ValidationFailed(AgentOpsError):
    """The request was not understood; `errors` says what was wrong where."""

    default_code = "validation_failed"

    @property
    def errors(self) -> list[dict[str, Any]]:
        """One entry for each thing that was wrong."""
        return self.problem.errors if self.problem else []


class TooLarge(AgentOpsError):
    """More bytes than the receiver takes."""

    default_code = "too_large"


class IdempotencyMismatch(AgentOpsError):
    """The idempotency key was used before, with another request."""

    default_code = "idempotency_mismatch"


class RateLimited(AgentOpsError):
    """Too many requests; `retry_after_s` says how long to wait."""

    default_code = "rate_limited"
    retryable = True


class TooManyPairings(AgentOpsError):
    """Enough strangers wait on this channel; the owner has to decide first."""

    default_code = "too_many_pairings"


class Unavailable(AgentOpsError):
    """The ledger did not answer, or said that it cannot now.

    Args:
        detail: For people: what was wrong and what to do.
        problem: What the ledger answered, if it did.
        retry_after_s: How long the ledger asked to wait before trying again.
        maybe_done: The request may have taken effect: the answer was lost on its way.
    """

    default_code = "unavailable"
    retryable = True

    def __init__(
        self,
        detail: str = "",
        *,
        problem: Problem | None = None,
        retry_after_s: float | None = None,
        maybe_done: bool = False,
    ) -> None:
        super().__init__(detail, problem=problem, retry_after_s=retry_after_s)
        self.maybe_done = maybe_done


class LedgerFault(AgentOpsError):
    """The ledger failed at the request, or answered what this client cannot read."""

    default_code = "internal"


_CLASSES: tuple[type[AgentOpsError], ...] = (
    Unauthenticated,
    LoginInvalid,
    Forbidden,
    NotFound,
    TaskNotFound,
    ProjectNotFound,
    GateNotFound,
    ArtifactNotFound,
    AgentNotFound,
    PersonNotFound,
    PairingNotFound,
    SkillNotFound,
    ScheduleNotFound,
    BudgetNotFound,
    Conflict,
    VersionConflict,
    StaleClaim,
    InvalidTransition,
    GateClosed,
    DependencyCycle,
    ContactTaken,
    PairingClosed,
    SkillRetired,
    Paused,
    BudgetExhausted,
    BudgetExists,
    CursorExpired,
    ValidationFailed,
    TooLarge,
    IdempotencyMismatch,
    RateLimited,
    TooManyPairings,
    Unavailable,
    LedgerFault,
)
_BY_CODE = {cls.default_code: cls for cls in _CLASSES}
_BY_STATUS: dict[int, type[AgentOpsError]] = {
    400: ValidationFailed,
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    410: CursorExpired,
    413: TooLarge,
    422: ValidationFailed,
    429: RateLimited,
    502: Unavailable,
    503: Unavailable,
    504: Unavailable,
}


def from_problem(problem: Problem, *, retry_after_s: float | None = None) -> AgentOpsError:
    """The error that a problem stands for."""
    cls = _BY_CODE.get(problem.code) or _class_of_status(problem.status)
    detail = problem.detail or problem.title
    if issubclass(cls, Unavailable):
        # A gateway that gave up waiting cannot know whether the ledger went on.
        lost = problem.status in (502, 504)
        return cls(detail, problem=problem, retry_after_s=retry_after_s, maybe_done=lost)
    return cls(detail, problem=problem, retry_after_s=retry_after_s)


def from_answer(status: int, body: bytes, *, retry_after_s: float | None = None) -> AgentOpsError:
    """The error of an HTTP answer, whether or not its body is a problem (a proxy's is not)."""
    try:
        problem = msgspec.json.decode(body, type=Problem)
    except msgspec.DecodeError:
        problem = Problem(detail=f"HTTP {status} without an explanation")
    return from_status(status, problem, retry_after_s=retry_after_s)


def from_status(status: int, problem: Problem, *, retry_after_s: float | None = None) -> AgentOpsError:
    """The error of a problem that came with `status`, which also names the code if the problem does not."""
    unnamed = problem.code == Problem().code
    code = _class_of_status(status).default_code if unnamed else problem.code
    problem = msgspec.structs.replace(problem, status=status, code=code)
    return from_problem(problem, retry_after_s=retry_after_s)


def _class_of_status(status: int) -> type[AgentOpsError]:
    return _BY_STATUS.get(status) or (LedgerFault if status >= 500 else AgentOpsError)
