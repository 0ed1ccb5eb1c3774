"""What comes of a request: a type, or an error of this package."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

import httpx
import msgspec

from agentops import errors

T = TypeVar("T")


def decoded(answer: httpx.Response, into: type[T]) -> T:
    """The answer's body as a `T`.

    Raises:
        LedgerFault: It is something else.
    """
    try:
        return msgspec.json.decode(answer.content, type=into)
    except msgspec.DecodeError as error:
        asked = f"{answer.request.method} {answer.request.url.path}"
        raise errors.LedgerFault(f"The answer to {asked} cannot be read: {error}") from error


@contextmanager
def translated(url: str) -> Iterator[None]:
    """Turn the HTTP library's errors into this package's."""
    try:
        yield
    except httpx.LocalProtocolError as error:
        raise errors.ValidationFailed(f"The request cannot be sent: {error}") from error
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise errors.Unavailable(f"The ledger at {url} cannot be reached ({_what(error)})") from error
    except httpx.TransportError as error:
        detail = f"The ledger at {url} did not answer ({_what(error)})"
        raise errors.Unavailable(detail, maybe_done=True) from error
    except httpx.HTTPError as error:
        raise errors.LedgerFault(f"The ledger's answer cannot be read ({_what(error)})") from error


def _what(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def raise_for(answer: httpx.Response) -> None:
    """Raise what the ledger answered, unless it succeeded.

    Raises:
        AgentOpsError: The error that the answer stands for.
    """
    if not answer.is_success:
        wait_s = retry_after_s(answer.headers.get("Retry-After"))
        raise errors.from_answer(answer.status_code, answer.content, retry_after_s=wait_s)


def retry_after_s(value: str | None) -> float | None:
    """Seconds to wait by a Retry-After header, which holds seconds or a date (RFC 9110, 10.2.3)."""
    if not value:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None
