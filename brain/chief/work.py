"""What happened in one turn: the ground on which its reply stands."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec

from brain.chief.notes import MOST_SHOWN, REMEMBERED_FOR_TURNS, Notes, Shown, Waiting
from brain.messages import File
from brain.rows import Outcome, TaskRow
from gateway.session.turns import Action

OWNER = "owner"


@dataclass
class TurnWork:
    """Collects the rows that the ledger returned to the tools of one turn."""

    turn_id: str
    session_id: str
    files: Sequence[File] = ()
    """Those that the person attached."""
    said: str = ""
    """The person's words."""
    before: str = ""
    """Their words of the turns before, as far as they may belong to this one."""
    asked: str = ""
    """What the chief said last."""
    role: str = OWNER
    """What the person may do: `owner`, `member`."""
    person: str = OWNER
    """Whose facts and profile are meant."""
    person_id: str | None = None
    """Of the ledger's person who talks; None: nobody was made known."""
    channel: str = ""
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    """The person's local time, with its zone."""
    notes: Notes = field(default_factory=Notes)
    actions: list[Action] = field(default_factory=list)
    """What the turn changed, in order."""
    numbers: set[int] = field(default_factory=set)
    """Of the tasks that were seen."""
    statuses: dict[int, str] = field(default_factory=dict)
    """Of the tasks that were seen, by number."""
    saw_schedules: bool = False
    """The reminders and schedules that there are were looked at."""
    failures: int = 0
    """How many tool calls were refused."""
    asks: list[Waiting] = field(default_factory=list)
    """What this turn asks the person to say yes to."""
    approved: bool = False
    """What runs now was asked for by a yes or a button: it need not ask again."""
    parts: bool = False
    """The call ends when the answer has been heard."""
    follows_data: bool = True
    """The model can be talked into things by what it reads; one of templates cannot."""
    _calls: Counter[str] = field(default_factory=Counter)
    _shown: list[Shown] = field(default_factory=list)

    def call_name(self, tool: str) -> str:
        """The name of the next call of a tool: the same when a killed turn is run again.

        It is the idempotency key of what the call writes, so a turn that runs twice writes once.
        """
        ordinal = self._calls[tool]
        self._calls[tool] += 1
        return f"{self.turn_id}:{tool}:{ordinal}"

    def saw(self, outcome: Outcome) -> None:
        """Take note of the rows in a tool's result."""
        rows = _rows(outcome)
        self.numbers.update(row.number for row in rows)
        self.numbers.update(number for agent in outcome.agents or () for number in agent.tasks)
        self.statuses.update({row.number: row.status for row in rows})
        self.saw_schedules = self.saw_schedules or outcome.schedules is not None
        self._show(outcome, rows)
        if outcome.error is not None:
            self.failures += 1
        elif outcome.done is not None:
            self.actions += _actions(outcome.done, outcome)
        if _is_foreign(outcome, rows):
            self.notes = msgspec.structs.replace(self.notes, foreign=REMEMBERED_FOR_TURNS)

    def knows_of(self, number: int) -> bool:
        """Whether a task's number was seen in this turn, shown before it, or said by either side."""
        if number in self.numbers or any(one.number == number for one in self.notes.shown):
            return True
        return re.search(rf"\b{number}\b", f"{self.said} {self.before} {self.asked}") is not None

    def notes_afterwards(self) -> Notes:
        """What the session is to remember of this turn."""
        settled = [one for one in self.notes.waiting if one.settled_by == self.turn_id]
        waiting = tuple(self.asks) or tuple(settled) or self.notes.waiting
        shown = tuple(self._shown[:MOST_SHOWN]) or self.notes.shown
        return Notes(shown=shown, waiting=waiting, foreign=self.notes.foreign)

    def _show(self, outcome: Outcome, rows: Sequence[TaskRow]) -> None:
        found = [Shown(kind="task", name=row.title, number=row.number) for row in rows]
        found += [Shown(kind="project", name=row.name) for row in outcome.projects or ()]
        found += [Shown(kind="project", name=outcome.project.name)] if outcome.project else []
        found += [Shown(kind="schedule", name=row.name) for row in outcome.schedules or ()]
        unique = list(dict.fromkeys(found))
        if not unique:
            return
        # A list is what "the second one" is about; one task after it was picked from that list.
        within = len(unique) == 1 and unique[0] in self._shown
        self._shown = self._shown if within else unique


def _rows(outcome: Outcome) -> list[TaskRow]:
    overview = outcome.overview
    rows: list[TaskRow] = [*(outcome.tasks or ()), *([outcome.task] if outcome.task else ())]
    if overview is not None:
        rows += [*overview.overdue, *overview.due_today, *overview.waiting_for_person, *overview.running]
        rows += [*overview.recently_completed, *overview.recently_failed, *overview.next_up]
    return rows


def _is_foreign(outcome: Outcome, rows: Sequence[TaskRow]) -> bool:
    """Whether somebody else's words are in it: a worker's, a file's, another person's."""
    by_workers = any(row.summary or row.error or row.question or row.progress_note for row in rows)
    others = any(turn.by != "chief" for turn in outcome.turns or ())
    return by_workers or others or outcome.result is not None


def _actions(done: str, outcome: Outcome) -> list[Action]:
    if outcome.tasks is not None:
        return [Action(type="task.created", entity_id=row.id, title=row.title) for row in outcome.tasks]
    if outcome.task is not None:
        return [Action(type=done, entity_id=outcome.task.id, title=outcome.task.title)]
    if outcome.project is not None:
        return [Action(type=done, entity_id=outcome.project.id, title=outcome.project.name)]
    if outcome.schedules:
        return [Action(type=done, entity_id=outcome.schedules[0].id, title=outcome.schedules[0].name)]
    if outcome.file is not None:
        return [Action(type=done, entity_id=outcome.file.id, title=outcome.file.name)]
    return [Action(type=done, entity_id=done, title=outcome.told or "")]
