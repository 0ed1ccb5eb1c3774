"""The record of one attempt for people: what was said and done, by a model or by a skill, how it ended."""

import asyncio
import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

import structlog

from agentops import AgentOpsError
from agentops.worker import Asked, GiveUp, HandBack, Interruption, Job, TryAgain

log = structlog.get_logger(__name__)

MOST_BYTES = 500_000
"""Of a transcript; what is longer loses its middle."""
TIME_TO_KEEP_S = 1.5
"""For what is kept when the worker is stopping: it has two seconds to hand its tasks back."""
_LONGEST_PIECE = 4_000
_LONGEST_DIGEST = 3_000
_MEDIA_TYPE = "text/markdown"


class Transcript:
    """Grows message by message; what the model forgets as its window moves stays here.

    Args:
        title: The task's.
        attempt: Its number.
        model: As COS_MODEL spells it, or what stands in its place.
        began: When.
    """

    def __init__(self, title: str, attempt: int, model: str, began: datetime) -> None:
        self._lines = [f"# {title}", "", f"Attempt {attempt}, {model}, {began:%Y-%m-%d %H:%M:%S %Z}", ""]
        self._acts: list[str] = []

    def add(self, message: Mapping[str, Any]) -> None:
        """One message, as Strands has it."""
        who = "Model" if message["role"] == "assistant" else "Worker"
        for block in message["content"]:
            if "text" in block:
                self._lines += [f"## {who}", "", _cut(block["text"]), ""]
            elif "toolUse" in block:
                self._call(block["toolUse"])
            elif "toolResult" in block:
                self._result(block["toolResult"])

    def step(self, head: str, text: str) -> None:
        """Something that was done without a model."""
        self._lines += [f"## {head}", "", _cut(text), ""]

    def note(self, text: str) -> None:
        """A line of what goes on; the same again is left out."""
        line = f"- {_cut(text)}"
        if self._lines[-1] != line:
            self._lines.append(line)

    def end(self, how: str) -> None:
        """How the attempt ended."""
        self._lines += ["## End", "", how, ""]

    def digest(self) -> str:
        """The newest calls and what came of them, for the next attempt."""
        return "\n".join(self._acts)[-_LONGEST_DIGEST:]

    async def keep(self, job: Job) -> None:
        """Stores it as a record of the task. A ledger that is away costs only this."""
        content = shortened("\n".join(self._lines).encode())
        name = f"transcript-{job.epoch}.md"
        try:
            await job.ops.upload(
                name, content, media_type=_MEDIA_TYPE, task_id=job.task.id, epoch=job.epoch, kind="record"
            )
        except AgentOpsError as error:
            log.warning("transcript.lost", task_id=job.task.id, code=error.code)

    async def close(self, job: Job, ending: BaseException) -> None:
        """Ends it and stores it, whatever the attempt ended with, unless the task is another's by now."""
        self.end(told(ending))
        if job.interruption is Interruption.LOST:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(
                TIME_TO_KEEP_S if isinstance(ending, asyncio.CancelledError) else None
            ):
                await self.keep(job)

    def _call(self, call: Mapping[str, Any]) -> None:
        given = json.dumps(call["input"], ensure_ascii=False)
        self._lines += [f"## Tool {call['name']}", "", "```json", _cut(given), "```", ""]
        self._acts.append(f"- {call['name']} {given[:200]}")

    def _result(self, result: Mapping[str, Any]) -> None:
        text = "\n".join(_texts(result["content"]))
        self._lines += [f"Result ({result['status']}):", "", "```", _cut(text), "```", ""]
        self._acts.append(f"  → {result['status']}: {text[:300]}")


def told(ending: BaseException) -> str:
    """What an attempt ended with, in words."""
    match ending:
        case Asked():
            return f"It asked the person: {ending.question}"
        case HandBack():
            return f"Handed back: {ending.reason}."
        case GiveUp():
            return f"It gave up: {ending}"
        case TryAgain():
            return f"Failed, and may be tried again: {ending}"
        case asyncio.CancelledError():
            return "Stopped from outside."
        case _:
            return f"{type(ending).__name__}: {ending}"


def shortened(content: bytes) -> bytes:
    """At most `MOST_BYTES`: its beginning, how much is missing, its end."""
    if len(content) <= MOST_BYTES:
        return content
    half = MOST_BYTES // 2 - 100
    missing = f"\n\n… {len(content) - 2 * half:,} bytes are left out here …\n\n".encode()
    head, tail = (part.decode(errors="ignore").encode() for part in (content[:half], content[-half:]))
    return head + missing + tail


def _texts(content: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    for block in content:
        yield block["text"] if "text" in block else json.dumps(block.get("json", "(no text)"), default=str)


def _cut(text: str) -> str:
    if len(text) <= _LONGEST_PIECE:
        return text
    return f"{text[:_LONGEST_PIECE]}\n… ({len(text) - _LONGEST_PIECE:,} more characters)"
