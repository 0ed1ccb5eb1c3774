"""What the caller's carrier says of their number: STIR/SHAKEN, as Twilio passes it on. Pure.

https://www.twilio.com/docs/voice/trusted-calling-with-shakenstir: the webhook's `StirVerstat`.
"""

from enum import StrEnum


class Verdict(StrEnum):
    """How far the number that a call shows can be believed."""

    VOUCHED = "vouched"
    """Level A: the carrier knows its customer, and that the number is theirs."""
    UNPROVEN = "unproven"
    """Levels B and C, or no verdict at all: it may be true."""
    FALSE = "false"
    """The signature is wrong: somebody else's number is shown."""


def verdict_of(verstat: str) -> Verdict:
    """Read `StirVerstat`; unknown words prove nothing."""
    if verstat == "TN-Validation-Passed-A":
        return Verdict.VOUCHED
    if verstat.startswith("TN-Validation-Failed"):
        return Verdict.FALSE
    return Verdict.UNPROVEN
