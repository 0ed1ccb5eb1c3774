"""Hold a call: from the first ring of the line to its record."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import structlog

from voice.measures import CallObserver, Unobserved
from voice.options import CallOptions
from voice.port import CallHandler, CallRecord, EndedBy, Line, SpokenKind
from voice.speech import Speech

if TYPE_CHECKING:
    from voice.pipeline.assembled import Pipes

__all__ = ["CallOptions", "hold_call"]
log = structlog.get_logger(__name__)
_GREETING_S = 5.0
_FAREWELL_S = 15.0
_LAST_WORDS_S = 5.0


@dataclass
class _Hand:
    """What the handler holds the call by."""

    id: str
    pipes: "Pipes"

    async def say(self, text: str) -> None:
        self.pipes.talker.say(SpokenKind.NOTICE, text)

    def listen_for(self, phrases: Iterable[str]) -> None:
        self.pipes.transcriber.hints = tuple(phrases)

    async def hang_up(self, farewell: str = "") -> None:
        self.pipes.talker.end_after(farewell, EndedBy.HANDLER)


async def hold_call(
    line: Line,
    handler: CallHandler,
    speech: Speech,
    options: CallOptions | None = None,
    observer: CallObserver | None = None,
) -> CallRecord:
    """Greet, listen and answer until one side ends it.

    Args:
        line: Connected; is hung up at the end, whoever ended the call.
        handler: What is said. Its failures are logged and apologised for, and end nothing.
        speech: The engines, from `open_speech`.
        options: Times and phrases.
        observer: Is told what was measured.

    Returns:
        How it went; the handler's `ended` has been called with it.
    """
    observer = observer or Unobserved()
    with structlog.contextvars.bound_contextvars(call_id=line.call_id):
        return await _Held(line, handler, speech, options or CallOptions(), observer).hold()


@dataclass
class _Held:
    line: Line
    handler: CallHandler
    speech: Speech
    options: CallOptions
    observer: CallObserver
    began_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    async def hold(self) -> CallRecord:
        from voice.pipeline.assembled import assembled

        clock = asyncio.get_running_loop().time
        began = clock()
        self.observer.call_began()
        pipes = assembled(self.line, self.handler, self.speech, self.options, self.observer)
        ended_by = EndedBy.FAULT
        try:
            ended_by = await self._until_it_ends(pipes)
        except asyncio.CancelledError:
            ended_by = EndedBy.HANDLER
            raise
        finally:
            record = self._record(pipes, ended_by, clock() - began)
            await asyncio.shield(self._close(pipes, record))
        return record

    async def _until_it_ends(self, pipes: "Pipes") -> EndedBy:
        running = asyncio.create_task(pipes.run())
        beside = [asyncio.create_task(self._greet(pipes)), asyncio.create_task(pipes.watch_silence())]
        try:
            return await self._reached(pipes, running)
        finally:
            for task in beside:
                task.cancel()
            await pipes.talker.stop()
            await pipes.cancel()
            await asyncio.wait([running, *beside], timeout=_LAST_WORDS_S)
            if running.done() and not running.cancelled() and (error := running.exception()):
                log.error("pipeline.failed", exc_info=error)

    async def _reached(self, pipes: "Pipes", running: "asyncio.Task[None]") -> EndedBy:
        """The end, or the longest time and then the end."""
        reached = asyncio.create_task(pipes.ending.reached())
        try:
            done, _ = await asyncio.wait(
                [reached, running], timeout=self.options.longest_s, return_when=asyncio.FIRST_COMPLETED
            )
            if not done:
                pipes.talker.end_after(self.options.phrases.time_farewell, EndedBy.TIME_LIMIT)
                await asyncio.wait(
                    [reached, running], timeout=_FAREWELL_S, return_when=asyncio.FIRST_COMPLETED
                )
                return pipes.ending.by or EndedBy.TIME_LIMIT
            return pipes.ending.by or EndedBy.FAULT
        finally:
            reached.cancel()

    async def _greet(self, pipes: "Pipes") -> None:
        greeting = ""
        try:
            async with asyncio.timeout(_GREETING_S):
                greeting = await self.handler.greeting(_Hand(self.line.call_id, pipes))
        except Exception:
            log.exception("handler.failed", kind=SpokenKind.GREETING)
        await pipes.started.wait()
        pipes.talker.say(SpokenKind.GREETING, greeting)

    def _record(self, pipes: "Pipes", ended_by: EndedBy, duration_s: float) -> CallRecord:
        return CallRecord(
            call_id=self.line.call_id,
            began_at=self.began_at,
            duration_s=duration_s,
            ended_by=ended_by,
            turns=pipes.talker.turns,
            interruptions=pipes.talker.interruptions,
            fallbacks=tuple(pipes.transcriber.fallbacks + pipes.mouth.fallbacks),
        )

    async def _close(self, pipes: "Pipes", record: CallRecord) -> None:
        log.info("call.ended", by=record.ended_by, duration_s=round(record.duration_s, 1), turns=record.turns)
        self.observer.call_ended(record.ended_by, record.duration_s)
        for last in (self.line.hang_up(), self.handler.ended(record)):
            try:
                async with asyncio.timeout(_LAST_WORDS_S):
                    await last
            except Exception:
                log.exception("call.not_closed")
