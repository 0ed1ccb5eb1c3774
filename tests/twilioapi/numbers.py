"""Numbers to look for, to buy and to set up.

https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from tests.twilioapi.calls import RefusedError

_SETTABLE = frozenset(
    {"PhoneNumber", "VoiceUrl", "VoiceMethod", "StatusCallback", "StatusCallbackMethod", "FriendlyName"}
)


@dataclass
class OwnNumber:
    """A number that was bought."""

    number: str
    asked: dict[str, str] = field(default_factory=dict)
    sid: str = field(default_factory=lambda: f"PN{uuid4().hex}")

    def body(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "sid": self.sid,
            "phone_number": self.number,
            "friendly_name": self.asked.get("FriendlyName", self.number),
            "voice_url": self.asked.get("VoiceUrl", ""),
            "voice_method": self.asked.get("VoiceMethod", "POST"),
            "status_callback": self.asked.get("StatusCallback", ""),
            "capabilities": {"voice": True, "sms": True, "mms": False},
        }


def offered(country: str) -> list[dict[str, Any]]:
    """What could be bought."""
    if country != "US":
        raise RefusedError(404, 20404, "The requested resource was not found")
    numbers = [f"+1415555{number:04}" for number in range(100, 105)]
    return [
        {
            "phone_number": number,
            "friendly_name": number,
            "locality": "San Francisco",
            "region": "CA",
            "iso_country": "US",
            "capabilities": {"voice": True, "SMS": True, "MMS": False},
        }
        for number in numbers
    ]


def bought(asked: Mapping[str, str], own: Mapping[str, OwnNumber]) -> OwnNumber:
    """Buy one.

    Raises:
        RefusedError: It is not offered, or somebody has it.
    """
    number = asked.get("PhoneNumber", "")
    if number in own or number not in [one["phone_number"] for one in offered("US")]:
        raise RefusedError(400, 21422, f"{number} is not available.")
    return configured(OwnNumber(number), asked)


def configured(number: OwnNumber, asked: Mapping[str, str]) -> OwnNumber:
    """Set it up.

    Raises:
        RefusedError: There is no such setting.
    """
    if unknown := set(asked) - _SETTABLE:
        raise RefusedError(400, 20001, f"no parameter {sorted(unknown)[0]}")
    number.asked |= dict(asked)
    return number
