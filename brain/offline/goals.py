"""What the person wants, and which task they mean."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from rapidfuzz import fuzz, process, utils

from brain.offline import options, phrases, references, wording
from brain.offline.dialogue import Call, Dialogue, Move, Said, Speech
from brain.offline.understanding import Understood
from brain.rows import Outcome, TaskRow

MENTIONED = re.compile(r"\btask (\d+)\b", re.IGNORECASE)
_EXAMPLES = re.compile(r"“[^”]*”|\bFor instance\b[^.?!]*")
OPEN = ["pending", "in_progress", "blocked"]
_LEAST_NAME_SCORE = 70
_NONE_FOUND = "task_not_found"


@dataclass(frozen=True)
class Goal:
    """What the person wants, and the message that said so: after a "yes", that is an earlier one."""

    said: Said
    understood: Understood
    dialogue: Dialogue
    now: datetime

    def slot(self, name: str) -> str | None:
        return self.understood.slots.get(name)

    def outcome(self, tool: str) -> Outcome | None:
        """What the newest call of this tool in this turn gave."""
        return next((s.outcome for s in reversed(self.dialogue.steps) if s.tool == tool), None)

    def looked_at(self, view: str) -> Outcome | None:
        """What the newest look at the ledger in this view gave."""
        looks = [step for step in self.dialogue.steps if step.tool == "query_tasks"]
        return next((step.outcome for step in reversed(looks) if step.arguments.get("view") == view), None)

    def number(self) -> int | None:
        """The task that was named by number, or by "it": the one that was last spoken of."""
        if number := self.slot("n"):
            return int(number)
        if self.slot("it") is None:
            return None
        for said in reversed(self.dialogue.before):
            if numbers := mentioned(said.text):
                return int(numbers[0])
        return None

    def with_slot(self, name: str, value: str) -> "Goal":
        """The same goal with one more word known."""
        slots = {**self.understood.slots, name: value}
        return replace(self, understood=replace(self.understood, slots=slots))

    def words(self) -> str | None:
        """The words that name a task: out of its title, or its place in what was shown."""
        named = self.slot("ordinal") or self.slot("words") or ("that" if self.slot("it") else None)
        return named.strip(" .?!,\"'“”") or None if named else None


def mentioned(text: str) -> list[str]:
    """The numbers of the tasks that a text speaks of. What it gives as an example is none of them."""
    return MENTIONED.findall(_EXAMPLES.sub("", text))


def which(goal: Goal, *, status: list[str] | None = None) -> int | Move:
    """The number of the task that is meant, or the move that finds out.

    Args:
        goal: Names it by number, by words or by "it".
        status: Where to look further when no open task fits; None looks at all.
    """
    number = goal.number()
    if number is not None:
        return number
    words = goal.words()
    if words is None:
        return Speech(phrases.ASK_WHICH)
    row = found(goal, words, status=status)
    return row if isinstance(row, Speech | Call) else row.number


def found(goal: Goal, words: str, *, status: list[str] | None = None) -> TaskRow | Move:
    """The task that `words` name, or the move that finds out."""
    near = goal.outcome("find_task")
    if near is None:
        return Call("find_task", {"words": words})
    if near.task is not None:
        return near.task
    if near.error is not None and near.error.code != _NONE_FOUND:
        return Speech(wording.failure(near.error))
    if near.tasks:
        named = references.named_in(goal.said.text, near.tasks)
        return named[0] if len(named) == 1 else Speech(options.several(near.tasks))
    listed = goal.looked_at("list")
    if listed is None:
        return Call("query_tasks", {"view": "list", "limit": 100} | ({"status": status} if status else {}))
    return _best_named(goal, words, listed.tasks or [])


def act(goal: Goal, tool: str, arguments: Mapping[str, Any]) -> Outcome | Call:
    """The outcome of a tool, or the call that brings it."""
    return goal.outcome(tool) or Call(tool, arguments)


def told(outcome: Outcome) -> str | None:
    """What is said whichever tool it was: a question that has to be asked first, or a refusal."""
    if outcome.ask is not None:
        return outcome.ask.text
    return wording.failure(outcome.error) if outcome.error is not None else None


def failed(outcome: Outcome) -> str:
    """What is said when a tool gave nothing that was looked for."""
    return told(outcome) or phrases.NOT_UNDERSTOOD


def _best_named(goal: Goal, words: str, rows: list[TaskRow]) -> TaskRow | Speech:
    named = _titled(words, rows) or references.named_in(goal.said.text, rows)
    if not named and references.points_back(goal.said.text):
        last = goal.with_slot("it", "it").number()
        named = [row for row in rows if row.number == last]
    named = named or references.in_the_state_of(goal.said.text, rows)
    if not named:
        return Speech(f"I found no task that is called something like “{words}”. {phrases.ASK_WHICH}")
    return named[0] if len(named) == 1 else Speech(options.several(named))


def _titled(words: str, rows: list[TaskRow]) -> list[TaskRow]:
    titles = {row.number: row.title for row in rows}
    named = process.extract(
        words, titles, scorer=fuzz.token_set_ratio, processor=utils.default_process,
        score_cutoff=_LEAST_NAME_SCORE,
    )  # fmt: skip
    best = [key for _, score, key in named if score >= named[0][1] - 5]
    return [row for row in rows if row.number in best]
