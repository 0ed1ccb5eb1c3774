"""What goes wrong, as it goes over the wire: RFC 9457, or OpenAI's own shape for its clients."""

import msgspec
import structlog
from litestar import Request, Response
from litestar.datastructures import State
from litestar.exceptions import HTTPException

from agentops import AgentOpsError
from agentops.wire import Problem
from gateway.errors import Busy, InvalidSessionId

MAX_TEXT_CHARS = 100_000
OPENAI_PATHS = "/v1/"

log = structlog.get_logger(__name__)


class ChatProblem(Exception):
    """An error of this API."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail


class OpenAIError(msgspec.Struct, frozen=True, kw_only=True):
    """https://platform.openai.com/docs/guides/error-codes"""

    message: str
    type: str
    code: str
    param: str | None = None


class OpenAIProblem(msgspec.Struct, frozen=True, kw_only=True):
    error: OpenAIError


def respond(request: Request[object, object, State], error: Exception) -> Response[Problem | OpenAIProblem]:
    """The response to a request that failed."""
    problem = problem_of(error)
    if problem.status == 500:
        log.error("request.failed", path=request.url.path, exc_info=error)
    headers = {"WWW-Authenticate": "Bearer"} if problem.status == 401 else {}
    if isinstance(error, Busy):
        headers["Retry-After"] = f"{error.retry_after_s:.0f}"
    if request.url.path.startswith(OPENAI_PATHS):
        return Response(as_openai(problem), status_code=problem.status, headers=headers)
    return Response(
        msgspec.structs.replace(problem, instance=request.url.path),
        status_code=problem.status,
        media_type="application/problem+json",
        headers=headers,
    )


def as_openai(problem: Problem) -> OpenAIProblem:
    """The same for a client that expects OpenAI."""
    kind = "invalid_request_error" if problem.status < 500 else "server_error"
    return OpenAIProblem(error=OpenAIError(message=problem.detail, type=kind, code=problem.code))


def problem_of(error: Exception) -> Problem:
    """What an exception means to the client."""
    match error:
        case ChatProblem():
            return Problem(status=error.status, code=error.code, detail=error.detail)
        case Busy():
            return Problem(status=503 if error.everywhere else 429, code="busy", detail=str(error))
        case InvalidSessionId():
            return Problem(status=400, code="validation_failed", detail=str(error))
        case AgentOpsError():
            status = error.status or {"unauthenticated": 401, "forbidden": 403}.get(error.code, 503)
            return Problem(status=status, code=error.code, detail=error.detail)
        case HTTPException():
            return _of_framework(error)
        case _:
            return Problem(
                status=500, code="internal", detail="Something went wrong here; the log says what."
            )


def _of_framework(error: HTTPException) -> Problem:
    codes = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}
    detail = error.detail
    if isinstance(error.extra, list):
        detail = "; ".join(str(one.get("message", one)) for one in error.extra) or detail
    if error.status_code == 413:
        detail = (
            f"The message is too large; at most {MAX_TEXT_CHARS} characters. Attach it as a file instead."
        )
    code = codes.get(error.status_code, "internal" if error.status_code >= 500 else "validation_failed")
    return Problem(status=error.status_code, code=code, detail=detail)
