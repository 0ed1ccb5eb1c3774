"""The agent loop of one attempt, over Strands: counted, capped, remembered."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from strands import Agent
from strands.agent.conversation_manager import SlidingWindowConversationManager
from strands.hooks import (
    AfterToolCallEvent,
    BeforeModelCallEvent,
    BeforeToolCallEvent,
    HookRegistry,
    MessageAddedEvent,
)
from strands.tools.executors import SequentialToolExecutor
from strands.tools.tools import PythonAgentTool
from strands.types.tools import ToolResult, ToolUse

from agentops.worker import GiveUp
from brain.counting import ToolsCounted
from brain.seed.agent.desk import Raised
from brain.seed.agent.memory import Memory
from brain.seed.agent.mind import Mind
from brain.seed.agent.spending import Spending, Used
from brain.seed.transcript import Transcript

_WINDOW = 80
"""Messages that the model sees; the task itself stands in the system prompt."""
_LONGEST_RESULT = 30_000
_MILLION = 1_000_000


class Conversation:
    """With one model about one task.

    Tools run one after the other, so that what one of them ends is where the next attempt goes on.

    Args:
        mind: Who answers.
        prompt: The system prompt.
        memory: Where an earlier attempt stopped.
        spending: Told of every call, and asked before each.
        transcript: Told of every message.
        before_call: Awaited before each call of the model, when all that was done has its result.
    """

    def __init__(
        self,
        mind: Mind,
        prompt: str,
        memory: Memory,
        spending: Spending,
        transcript: Transcript,
        before_call: Callable[[], Awaitable[None]],
    ) -> None:
        self._mind = mind
        self._spending = spending
        self._transcript = transcript
        self._before_call = before_call
        self._known: dict[str, Any] = dict(memory.results)
        self.results: dict[str, Any] = dict(memory.results)
        self._state: dict[str, Any] = {"model_calls": []}
        self._told = (0, 0)
        self._agent = Agent(
            model=mind.model,
            messages=list(memory.messages),
            tools=[],
            system_prompt=prompt,
            callback_handler=None,
            tool_executor=SequentialToolExecutor(),
            conversation_manager=SlidingWindowConversationManager(window_size=_WINDOW),
            retry_strategy=None,
            hooks=[self, ToolsCounted()],
        )

    @property
    def messages(self) -> list[Any]:
        """All that the model still sees."""
        return list(self._agent.messages)

    def offer(self, tools: Sequence[Any]) -> None:
        """Tools for the next call of the model."""
        self._agent.tool_registry.process_tools(list(tools))

    async def say(self, words: str | None) -> str:
        """Go on until the model calls no more tools; its last words.

        Args:
            words: What it is told; None: go on from where the messages end.

        Raises:
            Ended: A tool has ended the attempt.
            Asked: So has this.
            HandBack: And this.
        """
        said = ""
        async for event in self._agent.stream_async(words, invocation_state=self._state):
            if "result" in event:
                blocks = event["result"].message["content"]
                said = "".join(block["text"] for block in blocks if "text" in block).strip()
        return said

    async def settle(self) -> None:
        """Count the calls since the last time, and tell the ledger."""
        calls, self._state["model_calls"] = list(self._state["model_calls"]), []
        usage = self._agent.event_loop_metrics.accumulated_usage
        before, self._told = self._told, (usage["inputTokens"], usage["outputTokens"])
        for call in calls:
            millionths = round((call.cost_usd or 0) * _MILLION)
            self._spending.note(Used(call.model, call.input_tokens, call.output_tokens, millionths))
        if not calls and self._told != before:
            used = Used(self._mind.name, self._told[0] - before[0], self._told[1] - before[1])
            self._spending.note(used)
        await self._spending.settle()

    # --- what Strands calls

    def register_hooks(self, registry: HookRegistry, **_: Any) -> None:
        """As Strands' HookProvider."""
        registry.add_callback(BeforeModelCallEvent, self._before_model)
        registry.add_callback(BeforeToolCallEvent, self._before_tool)
        registry.add_callback(AfterToolCallEvent, self._after_tool)
        registry.add_callback(MessageAddedEvent, self._added)

    async def _before_model(self, event: BeforeModelCallEvent) -> None:
        await self.settle()
        try:
            self._spending.check()
        except GiveUp as decided:
            raise Raised(decided) from decided
        await self._before_call()

    def _before_tool(self, event: BeforeToolCallEvent) -> None:
        """A call whose result an earlier attempt has is not made again."""
        known = self._known.pop(event.tool_use["toolUseId"], None)
        if known is not None and event.selected_tool is not None:
            event.selected_tool = PythonAgentTool(
                event.tool_use["name"], event.selected_tool.tool_spec, _answering(known)
            )

    def _after_tool(self, event: AfterToolCallEvent) -> None:
        event.result = _capped(event.result)
        self.results[event.tool_use["toolUseId"]] = event.result

    def _added(self, event: MessageAddedEvent) -> None:
        self._transcript.add(event.message)
        if event.message["role"] == "user":
            self.results = {}


def _answering(result: ToolResult) -> Any:
    def answer(_: ToolUse, **__: Any) -> ToolResult:
        return result

    return answer


def _capped(result: ToolResult) -> ToolResult:
    """Words only, and not too many: what is kept must be JSON, and what is sent costs money."""
    blocks: list[Any] = []
    for block in result["content"]:
        text = block.get("text")
        if text is None and "json" not in block:
            text = "(something that is not text, which cannot be shown here)"
        if text is not None and len(text) > _LONGEST_RESULT:
            text = f"{text[:_LONGEST_RESULT]}\n… ({len(text) - _LONGEST_RESULT:,} more characters)"
        blocks.append(block if text is None else {"text": text})
    return {"toolUseId": result["toolUseId"], "status": result["status"], "content": blocks}
