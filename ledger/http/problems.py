"""Every error as RFC 9457 problem+json with a stable `code`, whoever raised it."""

import errno
import math
import os
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import asyncpg
import msgspec
import structlog
from litestar import Response
from litestar.exceptions import HTTPException, SerializationException

from agentops.wire import Problem
from ledger.engine import AWAY
from ledger.errors import LedgerError, RateLimited, TooLarge, Unavailable, ValidationFailed
from ledger.http.services import HttpRequest

RETRY_AFTER_S = 1
_CODES = {
    400: "validation_failed",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "validation_failed",
    429: "rate_limited",
    503: "unavailable",
}
# The database is away, or broke a deadlock: the same request may succeed in a moment.
_PASSING = (
    *AWAY,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.QueryCanceledError,
)

log = structlog.get_logger(__name__)


def respond(request: HttpRequest, error: Exception) -> Response[Problem]:
    """The answer to a request that failed."""
    headers: dict[str, str] = {}
    problem = problem_of(error)
    if isinstance(error, HTTPException):
        headers = {name: value for name, value in (error.headers or {}).items() if name.lower() == "allow"}
    if problem.status == HTTPStatus.INTERNAL_SERVER_ERROR or _disk_is_full(error):
        log.error("request.failed", path=request.url.path, method=request.method, exc_info=error)
    if problem.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = str(RETRY_AFTER_S)
    if isinstance(error, RateLimited):
        headers["Retry-After"] = str(max(1, math.ceil(error.retry_after_s)))
    if problem.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    problem = msgspec.structs.replace(problem, instance=request.url.path)
    return Response(
        problem, status_code=problem.status, media_type="application/problem+json", headers=headers
    )


def problem_of(error: Exception) -> Problem:
    """What went wrong, as it goes over the wire."""
    if isinstance(error, HTTPException):
        return _of_http(error)
    unexpected = LedgerError("something went wrong here; the ledger's log says what")
    return _of_ledger(_understood(error) or unexpected)


def _understood(error: Exception) -> LedgerError | None:
    """What the database or a decoder means, in the ledger's words."""
    if isinstance(error, LedgerError):
        return error
    # Before _PASSING: a wrong argument is an InterfaceError of asyncpg's too.
    if isinstance(error, asyncpg.DataError | asyncpg.exceptions.DataError):
        return ValidationFailed(f"a value cannot be stored: {error}"[:500])
    if isinstance(error, asyncpg.StatementTooComplexError | asyncpg.ProgramLimitExceededError):
        return TooLarge("that is more than the database takes at once")
    if isinstance(error, RecursionError):
        return ValidationFailed("the body is nested too deeply")
    if _disk_is_full(error):
        return Unavailable("the ledger's disk is full: nothing more can be kept until there is room again")
    if isinstance(error, _PASSING):
        return Unavailable("the ledger's database cannot be reached just now; try again in a moment")
    return None


def _disk_is_full(error: Exception) -> bool:
    """Of the database, or of the artifacts, whose store has no error of its own for it."""
    return isinstance(error, asyncpg.DiskFullError) or os.strerror(errno.ENOSPC) in str(error)


def _of_ledger(error: LedgerError) -> Problem:
    return Problem(
        title=error.title,
        status=error.status,
        detail=error.detail,
        code=error.code,
        errors=error.errors,
        current=error.current,
    )


def _of_http(error: HTTPException) -> Problem:
    status = error.status_code
    errors = _field_errors(error.extra)
    detail = error.detail
    if errors:
        detail = "; ".join(": ".join(filter(None, (one.get("path"), one["message"]))) for one in errors)
    return Problem(
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        code=_CODES.get(status, "internal" if status >= 500 else "validation_failed"),
        errors=errors,
    )


def _field_errors(extra: object) -> list[dict[str, Any]]:
    found = extra if isinstance(extra, list) else []
    return [
        {"path": str(one.get("key") or ""), "message": str(one.get("message") or "not valid")}
        for one in found
        if isinstance(one, Mapping)
    ]


Handler = Callable[[HttpRequest, Exception], Response[Problem]]

EXCEPTION_HANDLERS: dict[type[Exception] | int, Handler] = {
    Exception: respond,
    HTTPException: respond,
    LedgerError: respond,
    SerializationException: respond,
}
