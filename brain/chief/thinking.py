"""Running the model for one turn: its words go through the mouth, its claims past the ledger."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import structlog
from strands import Agent
from strands.telemetry.metrics import EventLoopMetrics
from strands.types.content import ContentBlock

from brain.chief import metrics, truth
from brain.chief.speaking import Mouth
from brain.chief.spending import Used
from brain.chief.work import TurnWork
from brain.models import ModelCall, ModelFailed
from gateway.session.turns import Action

TOO_LONG = "I thought too long about this and stopped. "
MODEL_FAILED = "My language model ({model}) did not answer, so I could not finish this. "
NOTHING_DONE = "Nothing was created or changed. Please try again; /status works without the model."
NOTHING_TO_SAY = "I have nothing to say to that."
GOODBYE = "Goodbye."
_MAX_STEPS = 12

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Thought:
    """What the model came to."""

    text: str
    broken: bool = False
    """The agent is left with half a thought, or with words that the person never heard."""


class Thinking:
    """One turn on one agent."""

    def __init__(self, agent: Agent, work: TurnWork, mouth: Mouth, *, model: str, timeout_s: float) -> None:
        """
        Args:
            agent: With the memory and the prompt of the turn.
            work: Where its tools collect rows.
            mouth: Where its words go.
            model: Its name, for the person.
            timeout_s: For all its calls and tools together.
        """
        self._agent = agent
        self._work = work
        self._mouth = mouth
        self._model = model
        self._timeout_s = timeout_s
        self.used: list[Used] = []
        """What its calls used, by model."""

    async def answer(self, content: list[ContentBlock]) -> Thought:
        """The answer; when it claims what no row shows, the model is asked once more, then corrected."""
        first, claims = await self._thought(content)
        if not claims:
            return first
        log.warning("reply.untrue", claims=len(claims))
        metrics.UNTRUE.inc()
        reminder = truth.REMINDER.format(claims=" ".join(claims))
        second, claims = await self._thought([{"text": reminder}])
        if not claims:
            # What the person never heard must not stay in the agent's memory.
            return Thought(second.text, broken=True)
        self._work.parts = False  # it asks to be told once more
        await self._mouth.say(truth.CORRECTION)
        return Thought(truth.CORRECTION, broken=True)

    async def _thought(self, content: list[ContentBlock]) -> tuple[Thought, list[str]]:
        """Run the agent loop. Whatever a provider's client raises becomes an honest sentence."""
        try:
            async with asyncio.timeout(self._timeout_s):
                text, claims = await self._streamed(content)
        except TimeoutError:
            log.warning("model.too_slow", model=self._model)
            failure = TOO_LONG
        except Exception as error:
            # Every provider has its own errors, and none of them may cost the person an answer.
            log.exception("model.failed", model=self._model)
            failure = _said_of(error) or MODEL_FAILED.format(model=self._model)
        else:
            return Thought(text or self._without_words()), claims
        self._work.parts = False  # nobody is left with half an answer
        return Thought(failure + (_summary(self._work.actions) or NOTHING_DONE), broken=True), []

    def _without_words(self) -> str:
        """The answer of a model that ends on a tool."""
        if self._work.parts:
            return self._mouth.said.strip() or GOODBYE
        return _summary(self._work.actions) or NOTHING_TO_SAY

    async def _streamed(self, content: list[ContentBlock]) -> tuple[str, list[str]]:
        """The words of the last message, and those of its sentences that were withheld."""
        calls: list[ModelCall] = []
        state = {"work": self._work, "model_calls": calls}
        said = ""
        claims: list[str] = []
        # An agent lives as long as its session, and what it measures of each turn would grow for ever.
        self._agent.event_loop_metrics = EventLoopMetrics()
        try:
            async with aclosing(_events(self._agent, content, state)) as events:
                async for event in events:
                    if "data" in event:
                        await self._mouth.hear(event["data"])
                    elif "message" in event and event["message"]["role"] == "user":
                        # The tools have answered: what was said before them is over.
                        await self._mouth.close()
                    elif "result" in event:
                        blocks = event["result"].message["content"]
                        said = "".join(block["text"] for block in blocks if "text" in block).strip()
                        claims = await self._mouth.close()
        finally:
            usage = self._agent.event_loop_metrics.accumulated_usage
            # By the calls' own word if they tell it, else as the agent counted.
            self.used += used_by(calls) or used_in_all(usage, self._model)
        return said, claims


async def _events(
    agent: Agent, content: list[ContentBlock], state: dict[str, Any]
) -> AsyncGenerator[dict[str, Any]]:
    """What happens on the agent. However this ends, the model's stream is closed when it has.

    The agent runs in a task of its own: a cancellation then reaches the innermost wait of its nested
    generators, and ends all of them. Caught between two events, it would leave them open, and the model
    talking.
    """
    coming: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()

    async def run() -> None:
        try:
            async for event in agent.stream_async(
                content, invocation_state=state, limits={"turns": _MAX_STEPS}
            ):
                coming.put_nowait(event)
        finally:
            coming.put_nowait(None)

    running = asyncio.create_task(run())
    try:
        while (event := await coming.get()) is not None:
            yield event
        await running
    finally:
        running.cancel()
        await asyncio.wait([running])


def used_by(calls: Sequence[ModelCall]) -> list[Used]:
    """One for each call of a model."""
    return [
        Used(call.model, tokens_in=call.input_tokens, tokens_out=call.output_tokens, cost=call.cost_usd)
        for call in calls
    ]


def used_in_all(usage: object, model: str) -> list[Used]:
    """As the agent's own metrics have it."""
    if not isinstance(usage, dict):
        return []
    tokens_in, tokens_out = int(usage.get("inputTokens", 0)), int(usage.get("outputTokens", 0))
    return [Used(model=model, tokens_in=tokens_in, tokens_out=tokens_out)] if tokens_in or tokens_out else []


def _said_of(error: Exception) -> str:
    """What the person is told of a failure that the model itself can tell of; Strands may have wrapped it."""
    at: BaseException | None = error
    while at is not None:
        if isinstance(at, ModelFailed):
            return at.said.rstrip() + " "
        at = at.__cause__ or at.__context__
    return ""


def _summary(actions: list[Action]) -> str:
    """What the ledger shows, when the model has no words for it."""
    if not actions:
        return ""
    return "In the ledger: " + "; ".join(f"{action.type} “{action.title}”" for action in actions) + "."
