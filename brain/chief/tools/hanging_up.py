"""The end of a call, for a model to choose; offered only where there is a line to hang up."""

from typing import Any

import structlog
from strands import ToolContext, tool

from brain.chief.errors import ToolRefused
from brain.chief.tools.base import told, work_of
from brain.rows import Outcome

ENDS = "The line ends when your answer has been heard. Say a short goodbye now, and ask nothing."

log = structlog.get_logger(__name__)


class HangingUpTools:
    """Leaving a call."""

    def all(self) -> list[Any]:
        """As `Agent(tools=…)` takes them."""
        return [self.hang_up]

    @tool(context=True)
    async def hang_up(self, tool_context: ToolContext) -> dict[str, Any]:
        """End this call, once your answer has been heard to its end. Use it when the person is done.

        Whoever speaks over the answer stays on the line.
        """
        work = work_of(tool_context)

        async def part() -> Outcome:
            if work.asks:
                raise ToolRefused(
                    "question_open", "You are asking the person something: wait for their answer."
                )
            work.parts = True
            log.info("call.parting")
            return Outcome(call=ENDS)

        return await told(tool_context, part)
