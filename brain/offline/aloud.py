"""How things stand, for who hears it: two short sentences, and what to ask for more.

A page can be glanced over; on the telephone every word takes its time, and an open question of a worker is
worth more than a list.
"""

from collections.abc import Callable

from brain.offline import phrases, wording
from brain.rows import Overview, TaskRow

Told = Callable[[Overview], str]
_CUT = 90
"""Characters of a worker's question that are read out."""


def overview(now: Overview) -> str:
    """ "What is going on?"."""
    if not any(now.counts.values()):
        return phrases.EMPTY
    counts = [
        (len(now.overdue), "is overdue", "are overdue"),
        (now.counts.get("blocked", 0), "needs you", "need you"),
        (now.counts.get("in_progress", 0), "is running", "are running"),
        (now.counts.get("failed", 0), "failed", "failed"),
        (now.counts.get("pending", 0), "is yet to begin", "are yet to begin"),
    ]
    told = [f"{count} {one if count == 1 else many}" for count, one, many in counts if count]
    paused = "Everything is paused. " if now.paused else ""
    stand = f"Of your tasks, {_listed(told)}." if told else "Nothing is open."
    return f"{paused}{stand} {_first(now)} {_more(now)}"


def brief(now: Overview) -> str:
    """ "Brief me": what this day asks for."""
    if now.overdue or now.due_today or now.waiting_for_person:
        told = [f"{len(now.overdue)} overdue"] if now.overdue else []
        told += [f"{len(now.due_today)} due today"] if now.due_today else []
        told += [f"{len(now.waiting_for_person)} waiting for you"] if now.waiting_for_person else []
        return f"Today: {_listed(told)}. {_first(now)} {_more(now)}"
    return overview(now)


def one_task(task: TaskRow) -> str:
    """ "What about task 3?": how it stands, and no more."""
    said = f"{wording.capital(_named(task))}, {_stands(task)}"
    traits = [f"has {task.priority} priority"] if task.priority != "medium" else []
    traits += [f"is {due}"] if (due := wording.due(task)) else []
    over = task.status in ("completed", "cancelled") or not traits
    return said if over else f"{said} It {' and '.join(traits)}."


def _stands(task: TaskRow) -> str:
    match task.status:
        case "blocked":
            choice = f" You can say {' or '.join(task.options).lower()}." if task.options else ""
            return f"needs your answer: {_cut(task.question or 'it asks for your decision')}{choice}"
        case "completed":
            return f"is done: {task.summary}" if task.summary else "is done."
        case "failed":
            return f"failed: {_cut(task.error or 'no reason was given')} Say retry task {task.number}."
        case "in_progress":
            return f"is running, {wording.running(task)}."
        case "cancelled":
            return "was cancelled."
        case _:
            return "is waiting to start."


def _listed(told: list[str]) -> str:
    return " and ".join([", ".join(told[:-1]), told[-1]] if told[1:] else told)


def _first(now: Overview) -> str:
    """The one thing that matters most. Of several questions none is asked: whose would the answer be?"""
    if len(now.waiting_for_person) == 1:
        task = now.waiting_for_person[0]
        return f"Task {task.number} needs your answer: {_cut(task.question or task.title)}"
    if now.waiting_for_person:
        return f"First for you is {_named(now.waiting_for_person[0])}."
    if now.overdue:
        return f"The first that is overdue is {_named(now.overdue[0])}."
    if now.due_today:
        return f"Due today is {_named(now.due_today[0])}."
    if now.recently_failed:
        return f"What failed last is {_named(now.recently_failed[0])}."
    if now.running:
        return f"Running is {_named(now.running[0])}."
    return f"Done last is {_named(now.recently_completed[0])}." if now.recently_completed else ""


def _more(now: Overview) -> str:
    """What to say to hear the rest; no question, so that a yes still means the worker's."""
    asks = ["what is waiting for me"] if len(now.waiting_for_person) > 1 else []
    asks += ["what failed"] if now.recently_failed else []
    asks += ["what is running"] if now.running else []
    return f"For more, ask {' or '.join(asks[:2])}." if asks else "For more, say list my tasks."


def _named(task: TaskRow) -> str:
    return f"task {task.number}, {task.title}"


def _cut(question: str) -> str:
    words = " ".join(question.split())
    if len(words) > _CUT:
        words = words[:_CUT].rsplit(" ", 1)[0] + "…"
    return words if words[-1:] in ".!?…" else f"{words}."
