"""What a long conversation was about, in a few sentences, so that its beginning is not lost.

Made from the record, not from the model's memory: any replica can make it, and tool results never get in.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import structlog
from strands import Agent
from strands.models import Model

from agentops.wire import TurnRecord
from brain.chief.prompting import prompt_file
from gateway.session.memos import Memos

SUMMARISED_AT = 60
"""So many turns that no summary covers make a new one."""
KEPT = 20
"""So many of the newest stay word by word."""
MAX_CHARS = 4_000
_MAX_TURN_CHARS = 1_500
_KEEP_S = 365 * 86_400

log = structlog.get_logger(__name__)


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """Of everything in a session up to a turn."""

    text: str = ""
    to_seq: int = 0
    """`seq` of the newest record that it covers."""


@dataclass(frozen=True)
class Summaries:
    """By session."""

    memos: Memos

    async def save(self, session_id: str, summary: Summary) -> None:
        await self.memos.put(summary_key(session_id), msgspec.json.encode(summary).decode(), keep_s=_KEEP_S)

    async def drop(self, session_id: str) -> None:
        """The person begins anew."""
        await self.memos.drop(summary_key(session_id))


async def summarised(model: Model, before: Summary, records: Sequence[TurnRecord]) -> Summary:
    """A summary of what was summarised before and of these records, oldest first.

    Raises:
        Exception: Whatever the provider's client raises.
    """
    lines = [f"{record.role}: {_cut(record.text)}" for record in records if record.text.strip()]
    told = [f"Summary so far:\n{before.text}"] if before.text else []
    agent = Agent(model=model, system_prompt=prompt_file("summary"), callback_handler=None, tools=[])
    result = await agent.invoke_async("\n\n".join([*told, "What was said since:", *lines]))
    text = "".join(block.get("text", "") for block in result.message["content"]).strip()
    return Summary(text=text[:MAX_CHARS], to_seq=records[-1].seq)


def _cut(text: str) -> str:
    return text if len(text) <= _MAX_TURN_CHARS else text[:_MAX_TURN_CHARS] + "…"


def read_summary(stored: str | None) -> Summary:
    """From what is kept of it; empty when there is none yet."""
    return Summary() if stored is None else msgspec.json.decode(stored, type=Summary)


def summary_key(session_id: str) -> str:
    """What a session's summary is kept by."""
    return f"chief:summary:{session_id}"
