"""The desk: holds a call on any line, from its first word to its receipt."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

import structlog
from pydantic import SecretStr

from agentops import AgentOpsClient
from gateway.phone import wording
from gateway.phone.callers import in_browser
from gateway.phone.conversation import Conversation
from gateway.phone.gatekeeper import Gatekeeper
from gateway.phone.lines import Lines
from gateway.phone.parties import Party, Trust
from gateway.phone.presence import Presence
from gateway.phone.receipts import Receipts
from gateway.phone.recordings import Recorder, Recordings
from gateway.phone.records import Records
from gateway.phone.speech import Engines
from gateway.phone.watching import Unwatched, Watcher
from gateway.session.call_wishes import CallWishes
from gateway.session.memos import Memos
from gateway.session.stream import SessionStream
from voice.port import CallRecord, Line

if TYPE_CHECKING:
    from voice.speech import Speech

LISTENING_WITHIN_S = 3.0
STORE_PATIENCE_S = 30.0
"""After a call, for what was said in it to reach the session."""
STRANGER_S = 120.0
"""A stranger's call ends after so long."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One for each process; every call of it passes here."""

    stream: SessionStream
    ops: AgentOpsClient
    memos: Memos
    lines: Lines
    engines: Engines
    records: Records
    receipts: Receipts
    recordings: Recordings
    pin_hash: SecretStr | None
    clock: Callable[[], datetime]

    async def hold(self, line: Line, party: Party, watcher: Watcher | None = None) -> str:
        """Hold a call until it is over; who ended it, as `voice.port.EndedBy`.

        Raises:
            VoiceError: There is no speech on this machine; the message says what is missing.
        """
        speech = await self.engines.ready()
        recorder = self.recordings.recorder(line, party)
        presence = Presence(CallWishes(self.memos), party.person_id)
        talk = self._conversation(line.call_id, party, watcher or Unwatched(), recorder, presence)
        with self.lines.held_by(line.call_id), structlog.contextvars.bound_contextvars(call_id=line.call_id):
            log.info("call.began", session_id=party.session_id, channel=party.channel, trust=party.trust)
            async with _beside(talk), asyncio.TaskGroup() as group:
                group.create_task(self._told(self.records.began(line.call_id, party)))
                held = line if recorder is None else recorder.line
                record = await self._held(held, talk, speech, stranger=party.trust is Trust.STRANGER)
                await self._told(presence.gone())
                await self._settle(line.call_id, party, talk, record, recorder)
        return record.ended_by.value

    async def ready(self) -> None:
        """Until calls can be held.

        Raises:
            VoiceError: There is no speech on this machine; the message says what is missing.
        """
        await self.engines.ready()

    async def hold_in_browser(self, line: Line, session: str, watcher: Watcher) -> str:
        """Hold a call with whoever is logged in.

        Raises:
            VoiceError: As `hold`.
        """
        return await self.hold(line, in_browser(session), watcher)

    def _conversation(
        self, call_id: str, party: Party, watcher: Watcher, recorder: Recorder | None, presence: Presence
    ) -> Conversation:
        return Conversation(
            self.stream,
            self.ops,
            party,
            Gatekeeper(party, self.pin_hash, self.memos, call_id),
            call_id=call_id,
            watcher=watcher,
            clock=self.clock,
            consent=recorder.consent if recorder else None,
            presence=presence,
        )

    async def _held(self, line: Line, talk: Conversation, speech: "Speech", *, stranger: bool) -> CallRecord:
        from gateway.phone.observing import Observing
        from voice.call import CallOptions, hold_call
        from voice.options import Phrases

        phrases = Phrases(still_working=wording.LONGER_THAN_USUAL)
        options = CallOptions(phrases=phrases)
        if stranger:
            options = replace(options, longest_s=STRANGER_S)
        async with asyncio.TaskGroup() as group:
            farewell = group.create_task(self._until_closing(talk))
            try:
                return await hold_call(line, talk, speech, options, Observing())
            finally:
                farewell.cancel()

    async def _until_closing(self, talk: Conversation) -> None:
        """When this process stops before the call has ended, the caller is told."""
        await self.lines.out_of_time.wait()
        if talk.call is not None:
            await talk.call.hang_up(wording.RESTARTING)

    async def _settle(
        self, call_id: str, party: Party, talk: Conversation, record: CallRecord, recorder: Recorder | None
    ) -> None:
        by = record.ended_by.value
        await self._told(self.records.ended(call_id, party, seconds=record.duration_s, by=by))
        await talk.intake.settle(STORE_PATIENCE_S)
        await talk.written()
        kept = await self.recordings.keep(call_id, recorder.tape) if recorder else None
        await self._told(self.receipts.give(call_id, party, talk, seconds=record.duration_s, recording=kept))

    @staticmethod
    async def _told(work: Awaitable[None]) -> None:
        """A call goes on, and ends, whatever the ledger says to it."""
        try:
            await work
        except Exception:
            log.exception("call.not_told")


@asynccontextmanager
async def _beside(talk: Conversation) -> AsyncIterator[None]:
    """The session is listened to; what is said in it from here on is not missed."""
    ready = asyncio.Event()
    task = asyncio.create_task(talk.run(ready))
    try:
        async with asyncio.timeout(LISTENING_WITHIN_S):
            await ready.wait()
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
