"""The call resource: what may be asked for, and what is answered.

https://www.twilio.com/docs/voice/api/call-resource
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

_E164 = re.compile(r"\+[1-9]\d{6,14}")
_CREATE = frozenset(
    {"To", "From", "Url", "StatusCallback", "StatusCallbackEvent", "Timeout", "MachineDetection", "AsyncAmd",
     "AsyncAmdStatusCallback", "Method", "StatusCallbackMethod"}
)  # fmt: skip
_EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})
OVER = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})


class RefusedError(Exception):
    """What Twilio answers with an HTTP error and a code of its own."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message

    def body(self) -> dict[str, Any]:
        """As JSON."""
        return {"code": self.code, "message": self.message, "status": self.status, "more_info": ""}


@dataclass
class PlacedCall:
    """One call that was asked for."""

    asked: Mapping[str, str]
    account_sid: str
    events: tuple[str, ...]
    sid: str = field(default_factory=lambda: f"CA{uuid4().hex}")
    status: str = "queued"
    price: str | None = None
    twiml: list[str] = field(default_factory=list)
    """What it was told to do while it went on."""

    def body(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "sid": self.sid,
            "account_sid": self.account_sid,
            "to": self.asked["To"],
            "from": self.asked["From"],
            "status": self.status,
            "direction": "outbound-api",
            "price": self.price,
            "price_unit": "USD",
            "api_version": "2010-04-01",
        }


def checked(asked: Mapping[str, str], events: tuple[str, ...], own: frozenset[str]) -> None:
    """Refuse what Twilio refuses.

    Raises:
        RefusedError: With its code.
    """
    if unknown := set(asked) - _CREATE:
        raise RefusedError(400, 20001, f"no parameter {sorted(unknown)[0]}")
    if not _E164.fullmatch(asked.get("To", "")):
        raise RefusedError(400, 21211, "The phone number you are attempting to call is not valid.")
    if asked.get("From") not in own:
        raise RefusedError(400, 21210, "The source phone number is not yet verified for your account.")
    for name in ("Url", "StatusCallback", "AsyncAmdStatusCallback"):
        if name in asked and not asked[name].startswith(("https://", "http://")):
            raise RefusedError(400, 21205, f"{name} is not a valid URL")
    if "Url" not in asked:
        raise RefusedError(400, 21205, "Url parameter is required.")
    if set(events) - _EVENTS:
        raise RefusedError(400, 21626, "Invalid StatusCallbackEvent")
    if not 5 <= int(asked.get("Timeout", "60")) <= 600:
        raise RefusedError(400, 21626, "Invalid Timeout")
    if asked.get("MachineDetection", "Enable") not in ("Enable", "DetectMessageEnd"):
        raise RefusedError(400, 21626, "Invalid MachineDetection")


def changed(call: PlacedCall, asked: Mapping[str, str]) -> None:
    """Change a call that goes on.

    Raises:
        RefusedError: It is over, or that cannot be changed.
    """
    if call.status in OVER:
        raise RefusedError(400, 21220, "Call is not in-progress. Cannot redirect.")
    if set(asked) == {"Status"} and asked["Status"] in ("completed", "canceled"):
        call.status = asked["Status"]
    elif set(asked) == {"Twiml"}:
        call.twiml.append(asked["Twiml"])
    else:
        raise RefusedError(400, 20001, f"not to be changed: {sorted(asked)}")
