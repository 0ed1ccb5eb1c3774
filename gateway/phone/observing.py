"""What the voice measures in a call, as the gateway's metrics keep it."""

from dataclasses import fields

import structlog

from gateway.phone import metrics
from voice.measures import TurnTimes

log = structlog.get_logger(__name__)


class Observing:
    """Fills `voice.measures.CallObserver`."""

    def call_began(self) -> None:
        """The lines count calls themselves."""

    def call_ended(self, ended_by: str, duration_s: float) -> None:
        metrics.ENDED.labels(ended_by).inc()

    def greeted(self, after_s: float) -> None:
        metrics.GREETED.observe(after_s)

    def turn_measured(self, times: TurnTimes) -> None:
        metrics.VOICE_TO_VOICE.observe(times.voice_to_voice_s)
        for stage in fields(times):
            metrics.STAGE.labels(stage.name.removesuffix("_s")).observe(getattr(times, stage.name))
        log.info("call.answered", voice_to_voice_s=round(times.voice_to_voice_s, 3))

    def interrupted(self, after_s: float) -> None:
        metrics.BARGE_INS.inc()
        metrics.CLEARED.observe(after_s)

    def vendor_failed(self, vendor: str) -> None:
        metrics.VENDOR_ERRORS.labels(vendor).inc()
