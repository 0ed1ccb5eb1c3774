"""The record of one attempt for people: what the model said, what its tools did, how it ended."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import structlog

from agentops import AgentOpsError
from agentops.worker import Job

log = structlog.get_logger(__name__)

_LONGEST_PIECE = 4_000
_LONGEST_DIGEST = 3_000
_MEDIA_TYPE = "text/markdown"


class Transcript:
    """Grows message by message; what the model forgets as its window moves stays here.

    Args:
        title: The task's.
        attempt: Its number.
        model: As COS_MODEL spells it.
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

    def end(self, how: str) -> None:
        """How the attempt ended."""
        self._lines += ["## End", "", how, ""]

    def digest(self) -> str:
        """The newest calls and what came of them, for the next attempt."""
        return "\n".join(self._acts)[-_LONGEST_DIGEST:]

    async def keep(self, job: Job) -> None:
        """Stores it as a record of the task. A ledger that is away costs only this."""
        content = "\n".join(self._lines).encode()
        name = f"transcript-{job.epoch}.md"
        try:
            await job.ops.upload(
                name, content, media_type=_MEDIA_TYPE, task_id=job.task.id, epoch=job.epoch, kind="record"
            )
        except AgentOpsError as error:
            log.warning("transcript.lost", task_id=job.task.id, code=error.code)

    def _call(self, call: Mapping[str, Any]) -> None:
        given = json.dumps(call["input"], ensure_ascii=False)
        self._lines += [f"## Tool {call['name']}", "", "```json", _cut(given), "```", ""]
        self._acts.append(f"- {call['name']} {given[:200]}")

    def _result(self, result: Mapping[str, Any]) -> None:
        text = "\n".join(_texts(result["content"]))
        self._lines += [f"Result ({result['status']}):", "", "```", _cut(text), "```", ""]
        self._acts.append(f"  → {result['status']}: {text[:300]}")


def _texts(content: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    for block in content:
        yield block["text"] if "text" in block else json.dumps(block.get("json", "(no text)"), default=str)


def _cut(text: str) -> str:
    if len(text) <= _LONGEST_PIECE:
        return text
    return f"{text[:_LONGEST_PIECE]}\n… ({len(text) - _LONGEST_PIECE:,} more characters)"
