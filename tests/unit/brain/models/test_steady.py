"""The model in front of others, without any network: order, memory of failures, usage, long conversations."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Any

import pytest
from strands.types.content import Messages
from strands.types.exceptions import ContextWindowOverflowException
from strands.types.streaming import StreamEvent

from brain.models import ModelCall, ModelChoice, ModelFailed, Reason
from brain.models.steady import Candidate, SteadyModel
from brain.offline.dialogue import Call
from brain.offline.model import OfflineModel, call_events, speech_events
from tests.unit.brain.models.vendors import at_once

HI: Messages = [{"role": "user", "content": [{"text": "hi"}]}]


class Scripted(OfflineModel):
    """Plays one thing after the other: words, a tool call, an error, or nothing at all."""

    def __init__(self, *plays: "str | Call | Exception | None") -> None:
        super().__init__()
        self.plays = list(plays)
        self.asked = 0

    async def stream(self, messages: Messages, *_: Any, **__: Any) -> AsyncGenerator[StreamEvent]:
        play = self.plays[min(self.asked, len(self.plays) - 1)]
        self.asked += 1
        if isinstance(play, Exception):
            raise play
        if play is None:
            await asyncio.Event().wait()
        for event in call_events(play, 0) if isinstance(play, Call) else speech_events(play or ""):
            yield event
        yield {"metadata": {"usage": {"inputTokens": 1_000_000, "outputTokens": 0, "totalTokens": 1_000_000},
                            "metrics": {"latencyMs": 1}}}  # fmt: skip


def steady(
    *models: Scripted, tries: int = 1, clock: Any = lambda: 0.0, silence_s: float = 5.0
) -> SteadyModel:
    candidates = [Candidate(ModelChoice("anthropic", f"m{at}"), model) for at, model in enumerate(models)]
    return SteadyModel(candidates, tries=tries, silence_s=silence_s, sleep=at_once, clock=clock)


async def heard(model: SteadyModel, state: dict[str, Any] | None = None) -> str:
    events = [event async for event in model.stream(HI, invocation_state=state)]
    deltas = (event.get("contentBlockDelta", {}).get("delta", {}).get("text", "") for event in events)
    return "".join(deltas)


async def test_the_next_model_answers_and_the_failed_one_comes_last_for_a_minute() -> None:
    now = [0.0]
    first, second = Scripted(ConnectionError("gone"), "back again"), Scripted("here")
    model = steady(first, second, clock=lambda: now[0])

    assert [await heard(model), await heard(model)] == ["here", "here"]
    assert first.asked == 1
    now[0] = 61.0
    assert await heard(model) == "back again"


async def test_a_refusal_for_good_is_not_repeated() -> None:
    class AuthenticationError(Exception):
        status_code = 401

    refused = Scripted(AuthenticationError("no"))
    with pytest.raises(ModelFailed) as failed:
        await heard(steady(refused, tries=3))
    assert (failed.value.reason, refused.asked) == (Reason.REFUSED_KEY, 1)


async def test_a_conversation_that_is_too_long_is_for_the_agent_to_shorten() -> None:
    full = Scripted(ContextWindowOverflowException("full"))
    with pytest.raises(ContextWindowOverflowException):
        await heard(steady(full, Scripted("here"), tries=3))
    assert full.asked == 1


async def test_silence_is_given_up() -> None:
    with pytest.raises(ModelFailed) as failed:
        await heard(steady(Scripted(None), silence_s=0.01))
    assert failed.value.reason is Reason.TIMEOUT


async def test_a_call_is_written_down_with_the_model_that_answered() -> None:
    calls: list[ModelCall] = []
    gone, here = Scripted(ConnectionError("gone")), Scripted("here")
    await heard(steady(gone, here), {"model_calls": calls})
    assert [(call.model, call.input_tokens) for call in calls] == [("anthropic:m1", 1_000_000)]


async def test_a_tool_call_comes_whole() -> None:
    model = steady(Scripted(Call("create_task", {"title": "Paint"})))
    events: Sequence[StreamEvent] = [event async for event in model.stream(HI)]
    kinds = [next(iter(event)) for event in events]
    block = ["contentBlockStart", "contentBlockDelta", "contentBlockStop"]
    assert kinds == ["messageStart", *block, "messageStop", "metadata"]
