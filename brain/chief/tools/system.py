"""The switch that stops everything."""

from typing import Any

from strands import ToolContext, tool

from brain.chief.tools.base import Desk, asks, owners_only, told, work_of
from brain.rows import Outcome


class SystemTools:
    """Pausing and resuming all work."""

    def __init__(self, desk: Desk) -> None:
        self._ops = desk.ops

    def all(self) -> list[Any]:
        """As `Agent(tools=…)` takes them."""
        return [self.pause_all, self.resume_all]

    @tool(context=True)
    async def pause_all(self, tool_context: ToolContext, reason: str = "") -> dict[str, Any]:
        """Pause everything: no worker begins a task, no schedule runs. The person is asked first.

        Args:
            reason: Why, in the person's words.
        """
        work = work_of(tool_context)
        key = work.call_name("pause_all")

        async def pause() -> Outcome:
            owners_only(work, "pause everything")
            if not work.approved:
                return asks(
                    "Shall I pause everything, so that no task and no schedule begins until you say so?"
                )
            state = await self._ops.pause(reason[:500], idempotency_key=key)
            return Outcome(done="system.paused", paused=state.paused)

        return await told(tool_context, pause)

    @tool(context=True)
    async def resume_all(self, tool_context: ToolContext) -> dict[str, Any]:
        """Let everything go on after a pause."""
        work = work_of(tool_context)
        key = work.call_name("resume_all")

        async def resume() -> Outcome:
            owners_only(work, "let everything go on")
            state = await self._ops.resume(idempotency_key=key)
            return Outcome(done="system.resumed", paused=state.paused)

        return await told(tool_context, resume)
