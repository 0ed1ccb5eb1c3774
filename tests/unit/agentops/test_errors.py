"""The error tree: each code of the ledger's API is a class of its own."""

import pickle
import re

import pytest

import agentops
from agentops import errors
from agentops.wire import Problem

CODES = {
    "validation_failed": (400, errors.ValidationFailed),
    "unauthenticated": (401, errors.Unauthenticated),
    "login_invalid": (401, errors.LoginInvalid),
    "forbidden": (403, errors.Forbidden),
    "task_not_found": (404, errors.TaskNotFound),
    "project_not_found": (404, errors.ProjectNotFound),
    "gate_not_found": (404, errors.GateNotFound),
    "artifact_not_found": (404, errors.ArtifactNotFound),
    "agent_not_found": (404, errors.AgentNotFound),
    "person_not_found": (404, errors.PersonNotFound),
    "pairing_not_found": (404, errors.PairingNotFound),
    "skill_not_found": (404, errors.SkillNotFound),
    "not_found": (404, errors.NotFound),
    "version_conflict": (409, errors.VersionConflict),
    "stale_claim": (409, errors.ClaimLost),
    "invalid_transition": (409, errors.InvalidTransition),
    "gate_closed": (409, errors.GateClosed),
    "dependency_cycle": (409, errors.DependencyCycle),
    "contact_taken": (409, errors.ContactTaken),
    "pairing_closed": (409, errors.PairingClosed),
    "skill_retired": (409, errors.SkillRetired),
    "too_large": (413, errors.TooLarge),
    "idempotency_mismatch": (422, errors.IdempotencyMismatch),
    "rate_limited": (429, errors.RateLimited),
    "too_many_pairings": (429, errors.TooManyPairings),
    "internal": (500, errors.LedgerFault),
    "unavailable": (503, errors.Unavailable),
}


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_its_class(code: str) -> None:
    status, cls = CODES[code]
    error = errors.from_problem(Problem(status=status, code=code, detail="because"))
    assert type(error) is cls
    assert (error.code, error.status, error.detail) == (code, status, "because")
    assert str(error) == f"{code}: because"


@pytest.mark.parametrize(
    ("status", "cls"),
    [
        (400, errors.ValidationFailed),
        (401, errors.Unauthenticated),
        (404, errors.NotFound),
        (409, errors.Conflict),
        (418, errors.AgentOpsError),
        (500, errors.LedgerFault),
        (502, errors.Unavailable),
        (504, errors.Unavailable),
        (599, errors.LedgerFault),
    ],
)
def test_a_code_of_a_newer_ledger_falls_back_to_its_status(
    status: int, cls: type[errors.AgentOpsError]
) -> None:
    error = errors.from_problem(Problem(status=status, code="brand_new"))
    assert type(error) is cls
    assert error.code == "brand_new"


@pytest.mark.parametrize("body", [b"<html>Bad gateway</html>", b"", b'{"message":"no"}', b"[]", b"\xff"])
def test_an_answer_that_is_no_problem_is_named_by_its_status(body: bytes) -> None:
    error = errors.from_answer(404, body)
    assert type(error) is errors.NotFound
    assert (error.code, error.status) == ("not_found", 404)


def test_a_conflict_tells_the_state_that_refused_the_write() -> None:
    error = errors.from_problem(Problem(status=409, code="version_conflict", current={"version": 7}))
    assert isinstance(error, errors.Conflict)
    assert error.current == {"version": 7}


def test_a_failed_validation_tells_what_was_wrong_where() -> None:
    wrong = [{"field": "title", "message": "too long"}]
    error = errors.from_problem(Problem(status=400, code="validation_failed", errors=wrong))
    assert isinstance(error, errors.ValidationFailed)
    assert error.errors == wrong


def test_only_what_may_succeed_later_is_retryable() -> None:
    retryable = {code for code, (_, cls) in CODES.items() if cls.retryable}
    assert retryable == {"rate_limited", "unavailable"}


@pytest.mark.parametrize(("status", "lost"), [(503, False), (502, True), (504, True)])
def test_only_a_gateway_leaves_open_whether_the_request_was_done(status: int, lost: bool) -> None:
    error = errors.from_problem(Problem(status=status, code="unavailable"))
    assert isinstance(error, errors.Unavailable)
    assert error.maybe_done is lost


def test_an_error_survives_a_process_border() -> None:
    error = errors.from_problem(Problem(status=409, code="stale_claim", detail="gone", current={"a": 1}))
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert type(copy) is errors.StaleClaim
    assert (copy.code, copy.detail, copy.current) == ("stale_claim", "gone", {"a": 1})


def test_the_tree_in_the_docstring_is_the_tree_of_the_classes() -> None:
    drawn = re.findall(r"^([ │├└─]*)(\w+)(?: +([a-z_]+))?", _tree(), flags=re.MULTILINE)
    parents: dict[int, str] = {}
    for lead, name, code in drawn:
        depth = len(lead) // 4
        cls = getattr(errors, name)
        if depth > 1:
            assert cls.__bases__ == (getattr(errors, parents[depth - 1]),)
            assert cls.default_code == code
        parents[depth] = name
    assert {name for _, name, _ in drawn} == {
        name for name, value in vars(errors).items() if isinstance(value, type) and name == value.__name__
    } - {"Any", "ClassVar", "Problem"}


def _tree() -> str:
    assert errors.__doc__ is not None
    return "\n".join(line for line in errors.__doc__.splitlines() if line.startswith("    "))


def test_every_error_is_found_at_the_top_of_the_package() -> None:
    for name, value in vars(errors).items():
        if isinstance(value, type) and issubclass(value, errors.AgentOpsError):
            assert getattr(agentops, name) is value
            assert name in agentops.__all__
    with pytest.raises(AttributeError, match="no attribute 'Nonsense'"):
        _ = agentops.Nonsense  # type: ignore[attr-defined]
