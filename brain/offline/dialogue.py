"""A conversation as the offline model sees it: what was said, and which tools were called since."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from strands.types.content import ContentBlock, Message, Messages
from strands.types.tools import ToolResult

from brain.messages import File, read_content
from brain.rows import Outcome, ToolError
from brain.spelling import joined


@dataclass(frozen=True)
class Said:
    """One message of the person or of the chief."""

    by_person: bool
    text: str
    """What was spelled letter by letter is read together."""
    files: tuple[File, ...] = ()


@dataclass(frozen=True)
class Step:
    """One tool call of the present turn, with what came back."""

    tool: str
    arguments: Mapping[str, Any]
    outcome: Outcome


@dataclass(frozen=True)
class Dialogue:
    """The present turn, the steps taken in it, and what was said before, oldest first."""

    now: Said
    steps: tuple[Step, ...] = ()
    before: tuple[Said, ...] = ()

    @property
    def last_by_chief(self) -> str:
        """What the chief said last, before the present turn."""
        return next((said.text for said in reversed(self.before) if not said.by_person), "")

    @property
    def last_by_person(self) -> Said | None:
        """What the person said last, before the present turn."""
        return next((said for said in reversed(self.before) if said.by_person), None)


@dataclass(frozen=True)
class Speech:
    """A final answer."""

    text: str
    aloud: str = ""
    """The same for who hears it, where it is said otherwise than it is written."""


@dataclass(frozen=True)
class Call:
    """A tool to call next."""

    tool: str
    arguments: Mapping[str, Any]


Move = Speech | Call


def read(messages: Messages) -> Dialogue:
    """The dialogue in an agent's messages. The last person's message that is no tool result is the turn."""
    start = max((i for i, message in enumerate(messages) if _is_from_person(message)), default=0)
    if not messages:
        return Dialogue(Said(by_person=True, text=""))
    before = tuple(said for message in messages[:start] if (said := _said(message)) is not None)
    now = _said(messages[start]) or Said(by_person=True, text="")
    return Dialogue(now, _steps(messages[start + 1 :]), before)


def _is_from_person(message: Message) -> bool:
    return message["role"] == "user" and not any("toolResult" in block for block in message["content"])


def _said(message: Message) -> Said | None:
    text, files = read_content(message["content"])
    if not text and not files:
        return None
    by_person = message["role"] == "user"
    return Said(by_person, joined(text) if by_person else text, files)


def _steps(messages: Sequence[Message]) -> tuple[Step, ...]:
    blocks: list[ContentBlock] = [block for message in messages for block in message["content"]]
    results = {
        block["toolResult"]["toolUseId"]: block["toolResult"] for block in blocks if "toolResult" in block
    }
    calls = [block["toolUse"] for block in blocks if "toolUse" in block]
    return tuple(
        Step(call["name"], call["input"], _outcome(results[call["toolUseId"]]))
        for call in calls
        if call["toolUseId"] in results
    )


def _outcome(result: ToolResult) -> Outcome:
    for content in result["content"]:
        if "json" in content:
            return Outcome.from_json(content["json"])
    text = " ".join(content["text"] for content in result["content"] if "text" in content)
    try:
        return msgspec.json.decode(text, type=Outcome)
    except msgspec.DecodeError:
        return Outcome(error=ToolError(code="tool_failed", detail=text))
