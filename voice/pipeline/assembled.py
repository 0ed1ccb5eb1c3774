"""The parts of a call put together as a pipecat pipeline."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from pipecat.frames.frames import ErrorFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.workers.runner import WorkerRunner

from voice.measures import CallObserver
from voice.options import CallOptions
from voice.pipeline.ear import Ear
from voice.pipeline.ending import Ending
from voice.pipeline.microphone import Microphone
from voice.pipeline.mouth import Mouth
from voice.pipeline.playback import Playback
from voice.pipeline.silence import watch_silence
from voice.pipeline.stopwatch import Stopwatch
from voice.pipeline.talker import Talker
from voice.pipeline.transcribing import Transcriber
from voice.port import CallHandler, Line
from voice.speech import LOCAL, Speech
from voice.vendors import stt_service, tts_service

log = structlog.get_logger(__name__)


@dataclass
class Pipes:
    """One call's pipeline."""

    transcriber: Transcriber
    ear: Ear
    talker: Talker
    mouth: Mouth
    ending: Ending
    options: CallOptions
    worker: PipelineWorker
    runner: WorkerRunner
    started: asyncio.Event

    async def run(self) -> None:
        """Until it is cancelled."""
        await self.runner.add_workers(self.worker)
        await self.runner.run()

    async def cancel(self) -> None:
        """Stop everything at once."""
        await self.runner.cancel()

    async def watch_silence(self) -> None:
        """Run beside it."""
        await watch_silence(self.talker, self.options)


def assembled(
    line: Line, handler: CallHandler, speech: Speech, options: CallOptions, observer: CallObserver
) -> Pipes:
    """A pipeline that has not begun."""
    rate, clock, ending = line.sample_rate_hz, asyncio.get_running_loop().time, Ending()
    stt = _or_local("stt", lambda: stt_service(speech.settings, rate, speech.http_client))
    tts = _or_local("tts", lambda: tts_service(speech.settings, rate, speech.http_client))
    playback, stopwatch = Playback(clock), Stopwatch(clock, observer)
    transcriber = Transcriber(speech, rate, options, vendor=_vendor(speech.settings.stt))
    ear = Ear(transcriber, rate, playback, options)
    mouth = Mouth(line, speech, playback, stopwatch, options, vendor=_vendor(speech.settings.tts))
    talker = Talker(handler, mouth, playback, stopwatch, ending, options)
    ear.goes_on_with = talker.sound_before
    transcriber.observer = mouth.observer = observer
    if stt is None:
        ear.use_local()
    if tts is None:
        mouth.use_local()
    parts = [Microphone(line, speech.silero, playback, ending), stt, ear, talker, tts, mouth]
    worker = PipelineWorker(
        Pipeline([part for part in parts if part is not None]),
        params=PipelineParams(audio_in_sample_rate=rate, audio_out_sample_rate=rate),
        idle_timeout_secs=None,
        enable_rtvi=False,
        enable_turn_tracking=False,
        check_dangling_tasks=False,
    )
    runner = WorkerRunner(handle_sigint=False, check_dangling_tasks=False)
    started = asyncio.Event()
    _follow(worker, started, ear, mouth, stt, tts)
    return Pipes(transcriber, ear, talker, mouth, ending, options, worker, runner, started)


def _vendor(name: str) -> str:
    return "" if name == LOCAL else name


def _or_local(role: str, build: Callable[[], Any]) -> Any | None:
    """The vendor's service; none, and so the local engine, if it cannot even be built."""
    try:
        return build()
    except Exception as error:
        # Its text may hold the key.
        log.warning("speech.vendor_not_built", role=role, error=type(error).__name__)
        return None


def _follow(
    worker: PipelineWorker, started: asyncio.Event, ear: Ear, mouth: Mouth, stt: Any, tts: Any
) -> None:
    """Take note of the pipeline's start, and of vendors that fail."""

    async def on_started(*_: object) -> None:
        started.set()

    async def on_error(_: object, error: ErrorFrame) -> None:
        # The text of a vendor's error may hold a key or what was said: only its place is told.
        log.warning("pipeline.error", processor=getattr(error.processor, "name", ""))
        if stt is not None and error.processor is stt:
            ear.use_local()
        if tts is not None and error.processor is tts:
            mouth.use_local()

    worker.add_event_handler("on_pipeline_started", on_started)
    worker.add_event_handler("on_pipeline_error", on_error)
