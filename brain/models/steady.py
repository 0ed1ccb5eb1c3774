"""A model in front of others: tries again, goes on with the next, lets nothing half done through.

Strands' own router takes the next model after a failure, too, but what the failed one had said by then
stays said, and the next begins at the beginning; nor does it notice a tool call whose arguments are cut off,
which then runs with none. Here a tool call is held back until the message is complete and its arguments can
be read, so a fault costs time and never an action.
"""

import asyncio
import random
import threading
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import structlog
from pydantic import BaseModel
from strands.models import Model
from strands.types.content import Messages, SystemContentBlock
from strands.types.exceptions import ContextWindowOverflowException
from strands.types.streaming import StreamEvent
from strands.types.tools import ToolChoice, ToolSpec

from brain import metrics
from brain.models.choosing import ModelChoice
from brain.models.failures import ModelFailed, reason_of, told
from brain.models.messages import Usage, whole
from brain.models.usage import ModelCall, price_usd

if TYPE_CHECKING:
    from strands.agent.agent_metadata import AgentMetadata

T = TypeVar("T", bound=BaseModel)

CALLS = "model_calls"
"""Where in the invocation state each call is written down, if the caller has put a list there."""
_ILL_S = 60.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 4.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Candidate:
    """One model of a chain."""

    choice: ModelChoice
    model: Model


class SteadyModel(Model):
    """Holds no conversation, so sessions may share it."""

    def __init__(
        self,
        candidates: Sequence[Candidate],
        *,
        tries: int,
        silence_s: float,
        secrets: Sequence[str] = (),
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """
        Args:
            candidates: In the order in which they are asked; at least one.
            tries: How often each is asked, at least once.
            silence_s: How long a model may say nothing before it is given up.
            secrets: What must never be logged.
            sleep: Waits between two tries.
            clock: Seconds.
        """
        self._candidates = tuple(candidates)
        self._tries = tries
        self._silence_s = silence_s
        self._secrets = tuple(secrets)
        self._sleep = sleep
        self._clock = clock
        self._ill_until: dict[ModelChoice, float] = {}

    async def stream(
        self,
        messages: Messages,
        tool_specs: list[ToolSpec] | None = None,
        system_prompt: str | None = None,
        *,
        tool_choice: ToolChoice | None = None,
        system_prompt_content: list[SystemContentBlock] | None = None,
        invocation_state: dict[str, Any] | None = None,
        cancel_signal: threading.Event | None = None,
        agent_metadata: "AgentMetadata | None" = None,
        structured_output_model: type[BaseModel] | None = None,
        **kwargs: Any,
    ) -> AsyncGenerator[StreamEvent]:
        """One whole message.

        Raises:
            ModelFailed: None of the models gave one.
            ContextWindowOverflowException: The conversation is too long; the agent shortens it.
        """

        def ask(model: Model) -> AsyncIterator[StreamEvent]:
            return aiter(
                model.stream(
                    messages,
                    tool_specs,
                    system_prompt,
                    tool_choice=tool_choice,
                    system_prompt_content=system_prompt_content,
                    invocation_state=invocation_state,
                    cancel_signal=cancel_signal,
                    agent_metadata=agent_metadata,
                    structured_output_model=structured_output_model,
                    **kwargs,
                )
            )

        spoken = False
        failure: ModelFailed | None = None
        for candidate, attempt in self._turns():
            if failure is not None and not _goes_on(candidate, failure):
                continue
            began, usage = self._clock(), Usage()
            try:
                answer = whole(ask(candidate.model), usage, self._silence_s, after_words=spoken)
                async with aclosing(answer) as events:
                    async for event in events:
                        spoken = spoken or _is_words(event)
                        yield event
            except ContextWindowOverflowException:
                raise
            except Exception as error:
                failure = await self._failed(candidate, attempt, error)
                continue
            self._ill_until.pop(candidate.choice, None)
            self._note(candidate.choice, usage, self._clock() - began, invocation_state)
            return
        assert failure is not None  # noqa: S101 - there is at least one candidate, and one try
        raise failure from None

    def structured_output(
        self, output_model: type[T], prompt: Messages, system_prompt: str | None = None, **kwargs: Any
    ) -> AsyncGenerator[dict[str, T | Any], None]:
        """As the first model gives it."""
        return self._candidates[0].model.structured_output(output_model, prompt, system_prompt, **kwargs)

    def update_config(self, **model_config: Any) -> None:
        """Of the first model."""
        self._candidates[0].model.update_config(**model_config)

    def get_config(self) -> Any:
        """Of the first model."""
        return self._candidates[0].model.get_config()

    def _turns(self) -> list[tuple[Candidate, int]]:
        """Whom to ask, and for the which time: those that failed lately come last."""
        now = self._clock()
        well = sorted(self._candidates, key=lambda one: self._ill_until.get(one.choice, 0.0) > now)
        return [(candidate, attempt) for candidate in well for attempt in range(self._tries)]

    async def _failed(self, candidate: Candidate, attempt: int, error: Exception) -> ModelFailed:
        reason = reason_of(error)
        name = str(candidate.choice)
        metrics.MODEL_FAILURES.labels(name, reason).inc()
        log.warning(
            "model.call_failed",
            model=name,
            reason=reason,
            attempt=attempt + 1,
            error=told(error, self._secrets),
        )
        last = attempt == self._tries - 1 or not reason.passes
        if last:
            self._ill_until[candidate.choice] = self._clock() + _ILL_S
        else:
            pause = min(_FIRST_PAUSE_S * 2**attempt, _LONGEST_PAUSE_S)
            await self._sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - only spreads the load
        return ModelFailed(reason, name)

    def _note(self, choice: ModelChoice, usage: Usage, seconds: float, state: dict[str, Any] | None) -> None:
        cost = price_usd(choice, usage.input_tokens, usage.output_tokens)
        call = ModelCall(str(choice), usage.input_tokens, usage.output_tokens, cost, seconds)
        call.count()
        calls = (state or {}).get(CALLS)
        if isinstance(calls, list):
            calls.append(call)


def _goes_on(candidate: Candidate, failure: ModelFailed) -> bool:
    """Whether it makes sense to ask: not the same one again when it refused for good."""
    return failure.reason.passes or str(candidate.choice) != failure.name


def _is_words(event: StreamEvent) -> bool:
    delta = event.get("contentBlockDelta", {}).get("delta", {})
    return bool(delta.get("text"))
