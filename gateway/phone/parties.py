"""Who is on the other end of a call, and what may be done for them."""

from enum import StrEnum

import msgspec

from gateway.session.turns import SessionId


class Trust(StrEnum):
    """How sure we are that it is them."""

    CONFIRMED = "confirmed"
    """Logged in, or vouched for as the settings ask."""
    CLAIMED = "claimed"
    """Their number is shown; the PIN has to come before anything is done."""
    STRANGER = "stranger"
    """Nobody we know: a message may be left, if that."""


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """The other end of one call."""

    session_id: SessionId
    """Where what they say belongs."""
    channel: str
    """As in `Turn.channel`: `phone`; `call` from the browser."""
    address: str
    """As in `Turn.address`: their number, or the browser's session."""
    trust: Trust
    person_id: str | None = None
    name: str = ""
    role: str = "owner"
    time_zone: str = "UTC"
    message: str = ""
    """What we rang them for; empty for a call that came to us."""
    leg: int = 1
    """Which stream of the same call this is: another begins when one broke and the caller is still there."""

    @property
    def resumed(self) -> bool:
        """Whether they were here a moment ago."""
        return self.leg > 1

    @property
    def rung(self) -> bool:
        """Whether we called them."""
        return bool(self.message)
