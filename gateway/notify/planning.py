"""When a person hears of something, and whether it makes a sound: their rules, applied. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from agentops.wire import CALM_RULES, Attention, PersonId, Preferences
from gateway.notify.times import next_time, quiet_until

DIGEST_AT: Final = "08:00"
"""For who has rules for a digest and no time for it."""

NOBODY: Final = Preferences(
    person_id=PersonId(""),
    rules=dict(CALM_RULES),
    channels=[],
    quiet_from=None,
    quiet_to=None,
    digest_at=DIGEST_AT,
    brief_at=None,
    escalate_after_s=None,
    voice_replies=False,
    version=0,
)
"""For a session that is nobody's yet: a new installation, a group."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How one piece of news is told."""

    ring: bool
    pen: str = ""
    """Where it waits for others to be told with: `quiet`, `digest`; empty: it is told now."""
    until: datetime | None = None
    """When what waits is told."""


def plan(
    kind: str, preferences: Preferences, zone: ZoneInfo, now: datetime, *, asks: bool = False
) -> Plan | None:
    """When to tell; None: never.

    Args:
        kind: The event's type.
        preferences: The person's.
        zone: Where the person is.
        now: With its zone.
        asks: It waits for the person's answer; where the rule says ring, quiet hours do not hold it back.
    """
    attention = preferences.attention_to(kind)
    if attention is Attention.OFF:
        return None
    if attention is Attention.DIGEST:
        return Plan(ring=False, pen="digest", until=next_time(preferences.digest_at or DIGEST_AT, zone, now))
    ring = attention is Attention.RING
    quiet = quiet_until(preferences.quiet_from, preferences.quiet_to, zone, now)
    if quiet is None or (ring and asks):
        return Plan(ring=ring)
    return Plan(ring=ring, pen="quiet", until=quiet)
