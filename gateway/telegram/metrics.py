"""How long the gateway itself holds a message; Prometheus fetches it with the gateway's other figures.

The clock of the way in starts when an update's bytes have come, and stops when its turn is on disk in the
stream. That of the way out starts when the chief has the answer, and stops when the call of Telegram begins;
Telegram's own pace (`pacing`) and every wait behind other messages count.
"""

import time
from datetime import datetime

from prometheus_client import Histogram

_SECONDS = (
    *(ms / 1000 for ms in range(1, 21)),  # the goal, 15 ms, lies in here
    *(0.025, 0.03, 0.04, 0.05, 0.075, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0),
)

IN = Histogram(
    "cos_telegram_in_seconds", "From an update's arrival to its turn in the stream.", buckets=_SECONDS
)
OUT = Histogram(
    "cos_telegram_out_seconds", "From an answer's being ready to the call with it.", buckets=_SECONDS
)


def arrived() -> float:
    """Now, as `taken` wants it; in seconds."""
    return time.monotonic()


def taken(arrived_at: float | None) -> None:
    """A turn is on disk; None for one that had to wait for something of Telegram's, such as a file."""
    if arrived_at is not None:
        IN.observe(time.monotonic() - arrived_at)


class Leaving:
    """The clock of one message on its way out; it stops once."""

    def __init__(self, ready_at: datetime | None) -> None:
        """None: nobody waited for it, or this is not the first try."""
        self._ready_at = ready_at

    def asked(self) -> None:
        """Telegram is called with it now."""
        if self._ready_at is not None:
            # The chief's clock: another machine's may be ahead of ours.
            OUT.observe(max(0.0, time.time() - self._ready_at.timestamp()))
            self._ready_at = None
