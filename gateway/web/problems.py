"""Every error as RFC 9457 problem+json with a stable `code`, whoever raised it."""

import math
from collections.abc import Callable
from http import HTTPStatus

import msgspec
import structlog
from litestar import Response
from litestar.exceptions import HTTPException

from agentops.errors import AgentOpsError, LedgerFault
from agentops.wire import Problem
from gateway.errors import BadRequest, Busy, InvalidPosition, InvalidSessionId
from gateway.web.services import HttpRequest

RETRY_AFTER_S = 1
_CODES = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 500: "internal"}
# What the SDK refuses by itself, before it asks the ledger.
_STATUS_OF_OURS = {"unauthenticated": 401, "forbidden": 403, "too_large": 413}

log = structlog.get_logger(__name__)


def respond(request: HttpRequest, error: Exception) -> Response[Problem]:
    """The answer to a request that failed."""
    problem = problem_of(error)
    headers: dict[str, str] = {}
    if isinstance(error, HTTPException):
        headers = {name: value for name, value in (error.headers or {}).items() if name.lower() == "allow"}
    if problem.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("request.failed", path=request.url.path, method=request.method, exc_info=error)
    if problem.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = str(RETRY_AFTER_S)
    if isinstance(error, Busy):
        headers["Retry-After"] = str(math.ceil(error.retry_after_s))
    if problem.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    problem = msgspec.structs.replace(
        problem, instance=request.url.path, title=problem.title or HTTPStatus(problem.status).phrase
    )
    return Response(
        problem, status_code=problem.status, media_type="application/problem+json", headers=headers
    )


def problem_of(error: Exception) -> Problem:
    """What went wrong, as it goes over the wire."""
    match error:
        case BadRequest():
            return Problem(status=error.status, code=error.code, detail=error.detail)
        case Busy():
            return Problem(status=503 if error.everywhere else 429, code="busy", detail=str(error))
        case InvalidSessionId():
            return Problem(status=400, code="invalid_session", detail=str(error))
        case InvalidPosition():
            return Problem(status=400, code="invalid_position", detail=str(error))
        case AgentOpsError():
            return _of_ledger(error)
        case TimeoutError():
            detail = "nothing was taken: the message store does not answer just now; try again in a moment"
            return Problem(status=503, code="unavailable", detail=detail)
        case HTTPException():
            code = _CODES.get(error.status_code, "validation_failed")
            return Problem(status=error.status_code, code=code, detail=error.detail)
    return Problem(status=500, detail="something went wrong here; the gateway's log says what")


def _of_ledger(error: AgentOpsError) -> Problem:
    """The ledger's refusal is the caller's; its absence is ours."""
    if error.retryable or isinstance(error, LedgerFault):
        detail = "nothing was taken: the ledger does not answer just now; try again in a moment"
        return Problem(status=503, code="unavailable", detail=detail)
    status = _STATUS_OF_OURS.get(error.code, 400) if error.status == 0 else error.status
    return Problem(status=status, code=error.code, detail=error.detail)


EXCEPTION_HANDLERS: dict[type[Exception] | int, Callable[[HttpRequest, Exception], Response[Problem]]] = {
    Exception: respond,
    HTTPException: respond,
}
