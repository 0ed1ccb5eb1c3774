"""What the chief counts and measures of its turns; Prometheus fetches it from `/metrics`."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from prometheus_client import Counter, Gauge, Histogram

from gateway.session.serving import Say
from gateway.session.turns import Turn

_SECONDS = (0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 120.0)

SLOTS = Gauge("cos_chief_slots", "How many turns it may answer at once: CHIEF_SLOTS.")
BUSY = Gauge("cos_chief_turns_busy", "Turns that are being answered right now.")
TURNS = Counter("cos_chief_turns_total", "Turns that are over, by how they ended.", ["channel", "ended"])
STAGE = Histogram(
    "cos_chief_turn_stage_seconds",
    "`waiting`: from hearing to beginning; `first_word` and `whole`: from beginning to that.",
    ["stage"],
    buckets=_SECONDS,
)
UNTRUE = Counter("cos_chief_untrue_replies_total", "Answers whose claims no row of the ledger bore out.")


class Timed:
    """One turn, while it is answered."""

    def __init__(self) -> None:
        self.ended = "answered"
        self._began = time.perf_counter()
        self._spoke = False

    def heard(self, say: Say) -> Say:
        """The same mouth; its first word is noticed."""

        async def noticed(text: str) -> None:
            await say(text)
            if not self._spoke:
                self._spoke = True
                self.reached("first_word")

        return noticed

    def reached(self, stage: str) -> None:
        """It took so long until here."""
        STAGE.labels(stage).observe(time.perf_counter() - self._began)


@contextmanager
def timed(turn: Turn) -> Iterator[Timed]:
    """Count and time a turn for as long as the block runs."""
    # The channel's clock and this one may differ by a little.
    waited_s = max(0.0, (datetime.now(UTC) - turn.received_at).total_seconds())
    STAGE.labels("waiting").observe(waited_s)
    seen = Timed()
    try:
        with BUSY.track_inprogress():
            yield seen
    except asyncio.CancelledError:
        seen.ended = "cut_off"
        raise
    except BaseException:
        seen.ended = "failed"
        raise
    else:
        seen.reached("whole")
    finally:
        TURNS.labels(turn.channel, seen.ended).inc()
