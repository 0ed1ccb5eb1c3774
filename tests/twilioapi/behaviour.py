"""How somebody behaves whose telephone rings."""

import asyncio
from dataclasses import dataclass, field
from enum import Enum

from ops.phone_calls import Instructions
from ops.phone_line import FarEnd


class Takes(Enum):
    """What comes of a ring."""

    PERSON = "human"
    MACHINE = "machine_end_beep"
    BUSY = "busy"
    NOBODY = "no-answer"


@dataclass
class Callee:
    """A number that can be rung. What it does each time, the last one for ever after."""

    takes: list[Takes] = field(default_factory=lambda: [Takes.PERSON])
    lines: "asyncio.Queue[FarEnd]" = field(default_factory=asyncio.Queue)
    """Calls that were taken, with their sound."""
    told: list[Instructions] = field(default_factory=list)
    """What Twilio was asked to do with each call that was taken."""

    def next(self) -> Takes:
        """What it does now."""
        return self.takes.pop(0) if len(self.takes) > 1 else self.takes[0]
