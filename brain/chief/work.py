"""What happened in one turn: the ground on which its reply stands."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from brain.messages import File
from brain.rows import Outcome, TaskRow
from gateway.session.turns import Action


@dataclass
class TurnWork:
    """Collects the rows that the ledger returned to the tools of one turn."""

    turn_id: str
    session_id: str
    files: Sequence[File] = ()
    """Those that the person attached."""
    actions: list[Action] = field(default_factory=list)
    """What the turn changed, in order."""
    numbers: set[int] = field(default_factory=set)
    """Of the tasks that were seen."""
    failures: int = 0
    """How many tool calls were refused."""
    _calls: Counter[str] = field(default_factory=Counter)

    def call_name(self, tool: str) -> str:
        """The name of the next call of a tool: the same when a killed turn is run again.

        It is the idempotency key of what the call writes, so a turn that runs twice writes once.
        """
        ordinal = self._calls[tool]
        self._calls[tool] += 1
        return f"{self.turn_id}:{tool}:{ordinal}"

    def saw(self, outcome: Outcome) -> None:
        """Take note of the rows in a tool's result."""
        overview = outcome.overview
        rows: list[TaskRow] = [*(outcome.tasks or ()), *([outcome.task] if outcome.task else ())]
        if overview is not None:
            rows += [*overview.running, *overview.waiting_for_person, *overview.next_up]
            rows += [*overview.recently_completed, *overview.recently_failed]
        self.numbers.update(row.number for row in rows)
        self.numbers.update(number for agent in outcome.agents or () for number in agent.tasks)
        if outcome.error is not None:
            self.failures += 1
        elif outcome.done is not None:
            self.actions.append(_action(outcome.done, outcome))


def _action(done: str, outcome: Outcome) -> Action:
    if outcome.task is not None:
        return Action(type=done, entity_id=outcome.task.id, title=outcome.task.title)
    if outcome.project is not None:
        return Action(type=done, entity_id=outcome.project.id, title=outcome.project.name)
    raise ValueError(f"{done} without a row")
