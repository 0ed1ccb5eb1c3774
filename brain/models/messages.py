"""A model's message on its way: words pass at once, tool calls only when the message is whole."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress
from dataclasses import dataclass, field

import msgspec
from strands.types.streaming import StreamEvent

from brain.models.failures import CutOff, Malformed

ONCE_MORE = "\n\nSorry, I was cut off; once more. "
"""Said between what a broken answer left behind and the answer that follows it."""


_CLOSING_S = 1.0
"""A client that reads in a thread may go on until its own time-out; nobody waits for that."""


@dataclass
class Usage:
    """Tokens of one call, as the provider counts them."""

    input_tokens: int = 0
    output_tokens: int = 0


@dataclass
class _Held:
    """Tool calls that wait for the end of their message."""

    events: list[StreamEvent] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    open: bool = False

    def takes(self, event: StreamEvent) -> bool:
        """Whether the event belongs to a tool call, and is kept.

        Raises:
            Malformed: It ends a call whose arguments are no JSON object.
        """
        delta = event.get("contentBlockDelta", {}).get("delta", {})
        if event.get("contentBlockStart", {}).get("start", {}).get("toolUse"):
            self.open, self.pieces = True, []
        elif self.open and "toolUse" in delta:
            self.pieces.append(str(delta["toolUse"].get("input", "")))
        elif self.open and "contentBlockStop" in event:
            self.open = False
            _check("".join(self.pieces))
        else:
            return False
        self.events.append(event)
        return True


def _check(arguments: str) -> None:
    try:
        found = msgspec.json.decode(arguments) if arguments.strip() else {}
    except msgspec.DecodeError:
        found = None
    if not isinstance(found, dict):
        raise Malformed(f"the arguments of a tool call are no JSON object: {len(arguments)} characters")


async def whole(
    events: AsyncIterator[StreamEvent], usage: Usage, silence_s: float, *, after_words: bool
) -> AsyncGenerator[StreamEvent]:
    """The events of one message; its tool calls come together, before its end.

    Args:
        events: As the provider streams them.
        usage: Filled in with what the provider says.
        silence_s: How long nothing may come.
        after_words: A broken message was heard before this one: begin with an apology.

    Raises:
        CutOff: The stream ended before the message did.
        Malformed: A tool call cannot be read.
        TimeoutError: Nothing came for too long.
    """
    held = _Held()
    ended = False
    if after_words:
        for event in _apology():
            yield event
    async with aclosing(_patient(events, silence_s)) as coming:
        async for event in coming:
            if ("messageStart" in event and after_words) or held.takes(event):
                continue
            if "messageStop" in event:
                ended = True
                if held.open:
                    raise CutOff("the message ended within a tool call")
                for kept in held.events:
                    yield kept
            _count(event, usage)
            yield event
    if not ended:
        raise CutOff("the stream ended before the message did")


async def _patient(events: AsyncIterator[StreamEvent], silence_s: float) -> AsyncGenerator[StreamEvent]:
    try:
        while True:
            async with asyncio.timeout(silence_s):
                try:
                    event = await anext(events)
                except StopAsyncIteration:
                    return
            yield event
    finally:
        # A generator that is left in the middle holds its connection until it is closed.
        close = getattr(events, "aclose", None)
        if close is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(_CLOSING_S):
                    await close()


def _count(event: StreamEvent, usage: Usage) -> None:
    counted = event.get("metadata", {}).get("usage")
    if counted is not None:
        usage.input_tokens += counted["inputTokens"]
        usage.output_tokens += counted["outputTokens"]


def _apology() -> list[StreamEvent]:
    # Closes the block that the broken message left open.
    return [
        {"contentBlockDelta": {"delta": {"text": ONCE_MORE}}},
        {"contentBlockStop": {}},
    ]
