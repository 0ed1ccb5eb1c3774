"""What can go wrong with a model, and what the person hears of it.

Vendors' clients each raise errors of their own. They are told apart by what they have in common, a status or
the name of a class, so that no vendor's package has to be imported to understand them.

ModelFailed      no model of the chain answered   .reason, .said
"""

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum


class Reason(StrEnum):
    """Why a model did not answer."""

    RATE_LIMITED = "rate_limited"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    REFUSED_KEY = "refused_key"
    REFUSED_REQUEST = "refused_request"
    CUT_OFF = "cut_off"
    MALFORMED = "malformed"
    ERROR = "error"

    @property
    def passes(self) -> bool:
        """Whether the same model may well answer the next time."""
        return self not in (Reason.REFUSED_KEY, Reason.REFUSED_REQUEST)


_SAID = {
    Reason.RATE_LIMITED: "My language model ({name}) gets more requests than it takes right now. ",
    Reason.UNREACHABLE: "I cannot reach my language model ({name}) right now. ",
    Reason.TIMEOUT: "My language model ({name}) took too long to answer. ",
    Reason.REFUSED_KEY: "My language model ({name}) does not accept my key; please check the settings. ",
    Reason.REFUSED_REQUEST: "My language model ({name}) refused to work on this. ",
    Reason.CUT_OFF: "The connection to my language model ({name}) broke off in the middle. ",
    Reason.MALFORMED: "My language model ({name}) gave an answer that makes no sense; I did not act on it. ",
    Reason.ERROR: "My language model ({name}) has a problem and did not answer. ",
}
_STATUSES = {401: Reason.REFUSED_KEY, 403: Reason.REFUSED_KEY, 429: Reason.RATE_LIMITED, 408: Reason.TIMEOUT}
_CODES = {
    "ThrottlingException": Reason.RATE_LIMITED,
    "ServiceQuotaExceededException": Reason.RATE_LIMITED,
    "AccessDeniedException": Reason.REFUSED_KEY,
    "UnrecognizedClientException": Reason.REFUSED_KEY,
    "ExpiredTokenException": Reason.REFUSED_KEY,
    "ValidationException": Reason.REFUSED_REQUEST,
    "ModelTimeoutException": Reason.TIMEOUT,
}
# In the order in which they are looked for; the first that fits a class's name counts.
_NAMES = (
    (Reason.RATE_LIMITED, r"Throttl|RateLimit"),
    (Reason.REFUSED_KEY, r"Authentication|PermissionDenied|NoCredentials|Unauthorized"),
    (Reason.TIMEOUT, r"Timeout"),
    (Reason.CUT_OFF, r"RemoteProtocol|ReadError|IncompleteRead|ClientPayload|EventStream|ResponseStreaming"),
    (Reason.UNREACHABLE, r"Connect|EndpointConnection|Connection"),
    (Reason.REFUSED_REQUEST, r"BadRequest|\bNotFoundError|UnprocessableEntity"),
    (Reason.MALFORMED, r"JSONDecode|DecodeError|ResponseValidation"),
)
_SECRETS = re.compile(
    r"\b(?:sk|gsk|pk|rk|xai|key)[-_][\w-]{6,}\*{0,}[\w-]*|\bAIza[\w-]{8,}|\bAKIA\w{8,}|\bBearer\s+\S+|[\w-]*\*{3,}[\w-]*",
    re.IGNORECASE,
)
_MOST_TOLD_CHARS = 300


class ModelFailed(Exception):
    """No model answered.

    Args:
        reason: Of the last one that was tried.
        name: Of that model, as `COS_MODEL` spells it.
    """

    def __init__(self, reason: Reason, name: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.reason = reason
        self.name = name

    @property
    def said(self) -> str:
        """An honest sentence for the person. What became of the turn's work is for the chief to add."""
        return _SAID[self.reason].format(name=self.name)


class CutOff(Exception):
    """A model's stream ended before its message did."""


class Malformed(Exception):
    """A model asked for a tool in a way that cannot be read."""


def reason_of(error: BaseException) -> Reason:
    """Why a model's client raised this."""
    for one in _causes(error):
        if isinstance(one, CutOff):
            return Reason.CUT_OFF
        if isinstance(one, Malformed):
            return Reason.MALFORMED
        found = _by_status(one) or _by_name(one)
        if found is not None:
            return found
    return Reason.ERROR


def told(error: BaseException, secrets: Sequence[str]) -> str:
    """What the error says, for the log: short, and without anything that looks like a key."""
    text = f"{type(error).__name__}: {error}"
    for secret in secrets:
        text = text.replace(secret, "***")
    return _SECRETS.sub("***", " ".join(text.split()))[:_MOST_TOLD_CHARS]


def _causes(error: BaseException) -> Iterator[BaseException]:
    at: BaseException | None = error
    for _ in range(6):
        if at is None:
            return
        yield at
        at = at.__cause__ or at.__context__


def _by_status(error: BaseException) -> Reason | None:
    response = getattr(error, "response", None)
    if isinstance(response, dict) and (code := response.get("Error", {}).get("Code")) in _CODES:
        return _CODES[code]
    status = next(
        (
            value
            for value in (
                getattr(error, "status_code", None),
                getattr(error, "code", None),
                getattr(response, "status_code", None),
                response.get("ResponseMetadata", {}).get("HTTPStatusCode")
                if isinstance(response, dict)
                else None,
            )
            if isinstance(value, int) and 400 <= value < 600
        ),
        None,
    )
    if status is None:
        return None
    return _STATUSES.get(status, Reason.ERROR if status >= 500 else Reason.REFUSED_REQUEST)


def _by_name(error: BaseException) -> Reason | None:
    names = " ".join(kind.__name__ for kind in type(error).__mro__)
    # A broken read of an answer is told by its words alone where the client wraps it.
    if re.search(r"incomplete chunked read|peer closed connection|Response ended prematurely", str(error)):
        return Reason.CUT_OFF
    return next((reason for reason, pattern in _NAMES if re.search(pattern, names)), None)
