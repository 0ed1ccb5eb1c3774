"""Query parameters, checked."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, TypeVar

from litestar.params import QueryParameter

from ledger.errors import ValidationFailed
from ledger.ids import checked, zoned

SomeText = Annotated[str | None, QueryParameter(max_length=500, pattern=r"^[^\x00]*$")]
Limit = Annotated[int, QueryParameter(ge=1, le=200)]
Seq = Annotated[int | None, QueryParameter(ge=0, le=2**63 - 1)]
DATE_TIME = {"format": "date-time"}
SomeTime = Annotated[str | None, QueryParameter(schema_extra=DATE_TIME)]

Word = TypeVar("Word", bound=StrEnum)


def words(text: str | None, kind: type[Word], field: str) -> Sequence[Word]:
    """`pending,blocked` as statuses.

    Raises:
        ValidationFailed: there is no such word.
    """
    names = [name.strip() for name in (text or "").split(",") if name.strip()]
    unknown = [name for name in names if name not in set(kind)]
    if unknown:
        raise ValidationFailed(
            f"{field}: {unknown[0][:60]!r} is none of {', '.join(kind)}",
            errors=[{"path": field, "message": f"one of {', '.join(kind)}"}],
        )
    return [kind(name) for name in names]


def one_uuid(text: str | None, field: str) -> str | None:
    """An id in a query.

    Raises:
        ValidationFailed: it is no UUID.
    """
    checked([text], field)
    return text


def moment(text: str | None, field: str) -> datetime | None:
    """A time in a query: RFC 3339 with its zone, and no bare number that could be read as one.

    Raises:
        ValidationFailed: it is something else.
    """
    try:
        time = None if text is None else datetime.fromisoformat(text)
    except ValueError:
        raise ValidationFailed(
            f"{field}: {text!r:.60} is no time; write 2026-01-31T10:00:00Z",
            errors=[{"path": field, "message": "not a time"}],
        ) from None
    zoned(time, field)
    return time
