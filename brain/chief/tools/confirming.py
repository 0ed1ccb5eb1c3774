"""The person's yes or no to what was asked."""

from collections.abc import Callable
from typing import Any

import msgspec
from strands import ToolContext, tool
from strands.types.tools import AgentTool

from brain.chief.errors import ToolRefused
from brain.chief.notes import Waiting
from brain.chief.tools.base import told, work_of
from brain.chief.words import says_yes
from brain.chief.work import TurnWork
from brain.rows import Outcome, ToolError


class ConfirmTools:
    """Does what was asked about, by the very arguments that were read back."""

    def __init__(self, tool_named: Callable[[str], AgentTool]) -> None:
        """`tool_named` finds one of the other tools."""
        self._tool_named = tool_named

    def all(self) -> list[Any]:
        """As `Agent(tools=…)` takes them."""
        return [self.confirm]

    @tool(context=True)
    async def confirm(self, tool_context: ToolContext, yes: bool = True) -> dict[str, Any]:
        """Pass on the person's yes or no to what you asked them in the turn before.

        Args:
            yes: What the person said in this turn.
        """
        work = work_of(tool_context)

        async def nothing_waits() -> Outcome:
            raise ToolRefused("nothing_waits", "Nothing waits for a yes. Ask what the person wants.")

        async def dropped() -> Outcome:
            work.notes = msgspec.structs.replace(work.notes, waiting=())
            return Outcome()

        async def not_a_yes() -> Outcome:
            questions = " ".join(one.text for one in work.notes.waiting)
            raise ToolRefused("no_yes", f"These words are no plain yes. Ask again: {questions}")

        if not work.notes.waiting:
            return await told(tool_context, nothing_waits)
        if not yes:
            return await told(tool_context, dropped)
        if not says_yes(work.said):
            return await told(tool_context, not_a_yes)
        return await self._do_all(tool_context, work)

    async def _do_all(self, context: ToolContext, work: TurnWork) -> dict[str, Any]:
        waiting = work.notes.waiting
        settled = tuple(msgspec.structs.replace(one, settled_by=work.turn_id) for one in waiting)
        work.notes = msgspec.structs.replace(work.notes, waiting=settled)
        work.approved = True
        try:
            outcomes = [await self._do(context, one) for one in waiting]
        finally:
            work.approved = False
        # The tools have told the turn of their rows themselves.
        outcome = outcomes[0] if len(outcomes) == 1 else _together(outcomes)
        return {"status": "error" if outcome.error else "success", "content": [{"json": outcome.to_json()}]}

    async def _do(self, context: ToolContext, one: Waiting) -> Outcome:
        return await run_tool(
            self._tool_named(one.tool), one.arguments, {**context.invocation_state, "agent": context.agent}
        )


async def run_tool(tool_: AgentTool, arguments: dict[str, Any], state: dict[str, Any]) -> Outcome:
    """Call a tool as an agent would, its arguments checked, and read what it answers."""
    use = {"toolUseId": "confirmed", "name": tool_.tool_name, "input": arguments}
    outcome = Outcome(error=ToolError(code="tool_failed", detail="The tool gave no answer."))
    async for event in tool_.stream(use, state):  # type: ignore[arg-type]  # a ToolUse by its keys
        for content in event["tool_result"]["content"]:
            if "json" in content:
                outcome = Outcome.from_json(content["json"])
            else:
                outcome = Outcome(error=ToolError(code="tool_failed", detail=content.get("text", "")))
    return outcome


def _together(outcomes: list[Outcome]) -> Outcome:
    failed = next((one.error for one in outcomes if one.error is not None), None)
    tasks = [one.task for one in outcomes if one.task is not None]
    return Outcome(tasks=tasks or None, error=failed)
