"""Recordings of calls, kept as artifacts of the ledger; they go with what was said in the call."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import structlog

from agentops import AgentOpsClient
from agentops.errors import AgentOpsError
from agentops.wire import Artifact
from gateway.phone.consent import Consent
from gateway.phone.parties import Party, Trust
from gateway.phone.settings import Recording
from gateway.session.memos import Memos
from voice.port import Line

if TYPE_CHECKING:
    from voice.recording import Tape

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a call's recording."""

    seconds: float
    artifact: Artifact | None
    """None: the ledger did not take it."""


@dataclass(frozen=True, slots=True)
class Recorder:
    """A blank tape in one call, and the right to begin it."""

    line: Line
    """To hold the call on, in place of the one that it was."""
    tape: "Tape"
    consent: Consent


@dataclass(frozen=True, slots=True, kw_only=True)
class Recordings:
    """All of this process."""

    setting: Recording
    ops: AgentOpsClient
    memos: Memos
    clock: Callable[[], datetime]

    def recorder(self, line: Line, party: Party) -> Recorder | None:
        """For a call that begins; None when it may not even be asked whether it is recorded."""
        if self.setting is Recording.OFF or party.trust is Trust.STRANGER:
            return None
        # Here, because it brings numpy with it.
        from voice.recording import RecordedLine, Tape

        tape = Tape(line.sample_rate_hz, line.encoding)
        consent = Consent(tape, self.ops, party, self.memos, line.call_id)
        return Recorder(RecordedLine(line, tape), tape, consent)

    async def keep(self, call_id: str, tape: "Tape") -> Kept | None:
        """Store what was recorded, once the call is over; None for nothing."""
        from voice.recording import MEDIA_TYPE

        recorded = tape.finished()
        if recorded is None:
            return Kept(0, None) if tape.broken else None
        try:
            artifact = await self.ops.upload(
                f"call-{self.clock():%Y-%m-%d-%H%M}.ogg",
                recorded.data,
                media_type=MEDIA_TYPE,
                idempotency_key=f"call-{call_id}-recording",
            )
        except AgentOpsError as error:
            log.error("recording.not_kept", call_id=call_id, code=error.code)  # noqa: TRY400 - told in the receipt
            return Kept(recorded.duration_s, None)
        log.info(
            "recording.kept", call_id=call_id, seconds=round(recorded.duration_s), artifact_id=artifact.id
        )
        return Kept(recorded.duration_s, artifact)
