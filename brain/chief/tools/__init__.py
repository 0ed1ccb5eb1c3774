"""The chief's hands. Each tool answers with rows of the ledger, and each change is a row there.

A tool never raises into the agent: what the ledger refuses comes back as an `Outcome` with an error, so
that the model can tell it. What needs the person's yes comes back as an `Outcome` with `ask`, and nothing
is done. Start with `base`, then `tasks`; `confirming` does what was said yes to.
"""

from strands.tools.registry import ToolRegistry
from strands.types.tools import AgentTool

from brain.chief.tools.base import Desk
from brain.chief.tools.calling import CallingTools
from brain.chief.tools.confirming import ConfirmTools
from brain.chief.tools.hanging_up import HangingUpTools
from brain.chief.tools.memory import MemoryTools
from brain.chief.tools.money import BudgetTools
from brain.chief.tools.planning import PlanTools
from brain.chief.tools.projects import ProjectTools
from brain.chief.tools.queries import QueryTools
from brain.chief.tools.registry import KnownTools
from brain.chief.tools.results import ResultTools
from brain.chief.tools.schedules import ScheduleTools
from brain.chief.tools.sending import SendingTools
from brain.chief.tools.system import SystemTools
from brain.chief.tools.tasks import TaskTools
from gateway.session.turns import CALLS

READ_ONLY = frozenset(
    (
        "query_tasks",
        "find_task",
        "get_agent_status",
        "brief",
        "get_result",
        "search_conversation",
        "known_facts",
    )
)
"""These change nothing, whatever they are called with."""


class Toolbox:
    """All tools over one desk. The turn's `TurnWork` comes with each call's invocation state."""

    def __init__(self, desk: Desk) -> None:
        kinds = (
            *(ProjectTools, TaskTools, PlanTools, QueryTools, ResultTools, ScheduleTools, BudgetTools),
            *(SystemTools, MemoryTools, SendingTools, CallingTools),
        )
        found = [one for kind in kinds for one in kind(desk).all()]
        found += ConfirmTools(self.named).all()
        self._tools: dict[str, AgentTool] = {one.tool_name: one for one in found}
        self.registry: ToolRegistry = KnownTools(found)
        """For every agent, since all have the same tools."""
        self._in_a_call: ToolRegistry = KnownTools([*found, *HangingUpTools().all()])

    def on(self, channel: str) -> ToolRegistry:
        """What a turn on this channel may use: only a call can be hung up."""
        return self._in_a_call if channel in CALLS else self.registry

    def named(self, name: str) -> AgentTool:
        """One tool.

        Raises:
            KeyError: There is none with this name.
        """
        return self._tools[name]


__all__ = ["READ_ONLY", "Desk", "Toolbox"]
