"""What the offline chief says. Everything that it states as done comes from a row of the ledger."""

from collections.abc import Callable, Sequence
from datetime import datetime

from brain.rows import AgentRow, Overview, ProjectRow, TaskRow, ToolError

INTRODUCTION = (
    "(I am running without a language model: I understand plain requests about tasks, not free talk. "
    "To change that, put a key such as ANTHROPIC_API_KEY or OPENAI_API_KEY into .env, or choose with "
    "COS_MODEL, and restart.)"
)
HELP = """I keep your tasks, have them done, and tell you what comes back. You can say:
- “Create a task to analyse this file, high priority” (attach a file)
- “What is going on?”
- “Show my tasks”, “What failed?”, “Show task 3”
- “Make task 3 urgent”, “Task 3 is due Friday”, “Cancel task 3”, “Retry task 3”
- “Create a project called Website”, “Who is working?”
Or briefly: /task Buy paint @home !high due:friday · /status · /tasks · /agents"""
GREETING = "Hello! What shall I take off your hands? You can also ask “What is going on?”"
THANKS = "You're welcome. Anything else to hand over?"
GOODBYE = "Until later. I'll tell you when something comes back."
IDENTITY = (
    "I am your Chief of Staff: you tell me what is to be done, I keep it in a ledger, workers do it, and I "
    "report. Try “Create a task to …” or “What is going on?”"
)
ADD_MODEL = (
    "Right now I run without a language model. To give me one, put a key into .env and restart: "
    "ANTHROPIC_API_KEY, OPENAI_API_KEY, GEMINI_API_KEY, GROQ_API_KEY or OPENROUTER_API_KEY. To choose the "
    "model yourself: COS_MODEL=provider:model, for instance COS_MODEL=ollama:qwen3."
)
NOT_UNDERSTOOD = (
    "I did not understand that, so I changed nothing. I am good at tasks: try “Create a task to …”, "
    "“What is going on?” or “Help”."
)
NOTHING_CHANGED = "All right, I changed nothing. What would you like instead?"
YES_TO_WHAT = "Nothing is waiting for a yes. What shall I do?"
ASK_TITLE = "What is to be done? Tell me in one sentence."
ASK_PROJECT = "What shall the project be called?"
ASK_WHICH = "Which task do you mean? Tell me its number, such as “task 3”, or ask “Show my tasks”."
ASK_CHANGE = "What shall I change about it? For instance “make task 3 urgent” or “task 3 is due Friday”."
NOT_ALL = (
    "I cancel tasks one at a time, so that nothing is lost by a slip. “Show my tasks” gives their numbers."
)
NOT_MINE_TO_COMPLETE = (
    "Workers complete tasks, so I cannot tick one off for you. If it is no longer needed, say "
    "“cancel task {n}”."
)
BEGUN_ANEW = (
    "A fresh start: what we said before no longer plays into my answers. Your tasks and projects stay as "
    "they are. What do you need?"
)
EMPTY = (
    "All quiet: there are no tasks yet. Try “Create a task to analyse this file, high priority” and attach "
    "a CSV, and I'll have it done."
)

_MAX_LISTED = 10
_STATUS = {
    "pending": "waiting to start",
    "in_progress": "running",
    "blocked": "needs you",
    "completed": "done",
    "failed": "failed",
    "cancelled": "cancelled",
}
_STANDING = _STATUS | {"blocked": "it waits for your answer"}


def created(task: TaskRow, *, new_project: bool) -> str:
    """After create_task."""
    extras = [f"{task.priority} priority" if task.priority != "medium" else "", _due(task)]
    if task.project:
        extras.append(f"in the {'new ' if new_project else ''}project “{task.project}”")
    said = ", ".join(extra for extra in extras if extra)
    return f"Created {name(task)}{f' ({said})' if said else ''}. I'll tell you when it's done."


def changed(task: TaskRow, done: str | None, arguments: Sequence[str]) -> str:
    """After update_task."""
    if done == "task.cancelled":
        if task.cancel_requested and task.status == "in_progress":
            return f"I asked the worker to stop {name(task)}; it will be cancelled in a moment."
        return f"Cancelled {name(task)}. Nothing else changed."
    if done == "task.retried":
        return f"{_capital(name(task))} is queued again. I'll tell you how it ends."
    if done == "gate.answered":
        return f"Thank you, I passed your answer on. {_capital(name(task))} goes on now."
    facts = {
        "priority": f"has {task.priority} priority",
        "title": f"is now called “{task.title}”",
        "due": _due(task) and f"is {_due(task)}",
        "project": f"is in the project “{task.project}”",
    }
    said = " and ".join(facts[key] for key in arguments if facts.get(key))
    return (
        f"Done: {'task ' + str(task.number) if 'title' in arguments else name(task)} {said or 'is changed'}."
    )


def overview(now: Overview, at: datetime) -> str:
    """ "What is going on?"."""
    if not any(now.counts.values()):
        return EMPTY
    parts = [_headline(now)]
    parts += _section("Needs you", now.waiting_for_person, _question)
    parts += _section("Running now", now.running, _running)
    parts += _section("Just back", now.recently_completed, lambda task: _result(task, at))
    parts += _section("Failed", now.recently_failed, lambda task: task.error or "no reason was given")
    parts += _section("Next in the queue", now.next_up, lambda task: _traits(task))
    return "\n".join([*parts, "", _next_step(now)])


def tasks(rows: Sequence[TaskRow], *, more: bool, wanted: str) -> str:
    """A list of tasks. `wanted` is what was asked for, such as "failed tasks"."""
    if not rows:
        return f"There are no {wanted}. “What is going on?” shows everything else."
    shown = rows[:_MAX_LISTED]
    lines = [f"- Task {task.number}, “{task.title}”: {_state(task)}" for task in shown]
    if more or len(rows) > len(shown):
        lines.append("- … and more; the panel shows them all.")
    count = (
        f"{len(rows)}{'+' if more else ''} {wanted if len(rows) != 1 else wanted.replace('tasks', 'task')}"
    )
    return "\n".join([f"{count}:", *lines, "", f"“Show task {rows[0].number}” tells you more."])


def task_details(task: TaskRow, at: datetime) -> str:
    """One task in full."""
    lines = [f"{_capital(name(task))}: {_state(task)}."]
    traits = ", ".join(t for t in (f"{task.priority} priority", _due(task), task.project or "") if t)
    lines.append(_capital(traits) + ".")
    if task.summary:
        lines.append(f"Result: {task.summary}")
    if task.artifacts:
        lines.append("Files: " + ", ".join(task.artifacts))
    if task.error and task.status != "completed":
        lines.append(f"Last error: {task.error}")
    if task.status == "failed":
        lines.append(f"“Retry task {task.number}” tries it again.")
    return "\n".join(lines)


def confirm_cancel(task: TaskRow) -> str:
    """Asks before it cancels; `planner` reads the number out of this sentence when "yes" comes."""
    return f"Shall I cancel {name(task)} ({_STANDING.get(task.status, task.status)})? Say yes or no."


def cannot_cancel(task: TaskRow) -> str:
    """When it has ended already."""
    return f"{_capital(name(task))} is {_STATUS[task.status]} already, so there is nothing to cancel."


def suggest(options: Sequence[str]) -> str:
    """Asks what was meant; `planner` recognises the beginning of this sentence when the answer comes."""
    if len(options) == 1:
        return f"Did you mean: {options[0]}? Say yes, or tell me in other words."
    numbered = " or ".join(f"({at}) {option}" for at, option in enumerate(options, start=1))
    return f"Did you mean {numbered}? Say 1 or 2, or tell me in other words."


def several(rows: Sequence[TaskRow]) -> str:
    """When words fit more than one task."""
    listed = "\n".join(f"- Task {task.number}, “{task.title}”" for task in rows[:5])
    return f"Several tasks fit that. Which one do you mean?\n{listed}"


def project_created(project: ProjectRow) -> str:
    return (
        f"Created the project “{project.name}”. "
        f"Put work into it with “Create a task to … in project {project.name}”."
    )


def projects(rows: Sequence[ProjectRow]) -> str:
    if not rows:
        return "There are no projects yet. “Create a project called Website” makes one."
    lines = [f"- {row.name}: {_counted(sum(row.task_counts.values()), 'task')}" for row in rows[:20]]
    return "\n".join([f"{_counted(len(rows), 'project')}:", *lines])


def agents(rows: Sequence[AgentRow]) -> str:
    """Who works, and on what."""
    if not rows:
        return "No worker has registered yet, so tasks wait in the queue. Start one with “cos run seed”."
    online = [row for row in rows if row.status == "online"]
    lines = [f"- {row.name}: {_doing(row)}" for row in [*online, *(row for row in rows if row not in online)]]
    verb = "is" if len(online) == 1 else "are"
    return "\n".join([f"{len(online)} of {_counted(len(rows), 'worker')} {verb} online:", *lines[:20]])


def failure(error: ToolError) -> str:
    """When a tool refused or could not reach the ledger."""
    return f"That did not work, and nothing was changed: {error.detail.rstrip('.')}."


def name(task: TaskRow) -> str:
    return f"task {task.number}, “{task.title}”"


def _headline(now: Overview) -> str:
    order = ("in_progress", "blocked", "pending", "failed", "completed", "cancelled")
    said = [f"{now.counts[s]} {_STATUS[s]}" for s in order if now.counts.get(s)]
    total = sum(now.counts.values())
    workers = _counted(now.agents_online, "worker") if now.agents_online else "no worker"
    return f"{_counted(total, 'task')}: {', '.join(said)}. {_capital(workers)} online."


def _section(title: str, rows: Sequence[TaskRow], tell: Callable[[TaskRow], str]) -> list[str]:
    lines = [f"- Task {row.number}, “{row.title}”: {tell(row)}" for row in rows[:5]]
    return ["", f"{title}:", *lines] if lines else []


def _next_step(now: Overview) -> str:
    if now.waiting_for_person:
        return f"Answer with “task {now.waiting_for_person[0].number}: …” and it goes on."
    if now.recently_failed:
        return f"“Retry task {now.recently_failed[0].number}” tries the failed one again."
    if now.counts.get("pending") and not now.agents_online:
        return "No worker is online, so nothing starts. “cos run seed” starts one."
    if now.recently_completed:
        return f"“Show task {now.recently_completed[0].number}” tells you what came out."
    return "Nothing needs you right now."


def _state(task: TaskRow) -> str:
    if task.status == "in_progress":
        return f"running, {_running(task)}"
    if task.status == "blocked":
        return f"needs you: {_question(task)}"
    return _STATUS.get(task.status, task.status)


def _running(task: TaskRow) -> str:
    progress = f"{task.progress:.0%}" if task.progress is not None else "just started"
    note = f", {task.progress_note}" if task.progress_note else ""
    return f"{progress}{note}{f' ({task.assigned_to})' if task.assigned_to else ''}"


def _question(task: TaskRow) -> str:
    question = task.question or "it asks for your decision"
    return f"{question} ({' / '.join(task.options)})" if task.options else question


def _result(task: TaskRow, at: datetime) -> str:
    summary = _short(task.summary or "done")
    return f"{summary} ({_ago(task.finished_at, at)})" if task.finished_at else summary


def _traits(task: TaskRow) -> str:
    return ", ".join(trait for trait in (f"{task.priority} priority", _due(task)) if trait)


def _due(task: TaskRow) -> str:
    if task.due_at is None:
        return ""
    local = task.due_at.astimezone()
    clock = "" if (local.hour, local.minute) == (23, 59) else f" at {local:%H:%M}"
    return f"due {local:%a} {local.day} {local:%b}{clock}"


def _doing(row: AgentRow) -> str:
    if row.status != "online":
        return "offline"
    return "working on " + ", ".join(f"task {n}" for n in row.tasks) if row.tasks else "free"


def _ago(then: datetime, at: datetime) -> str:
    minutes = int((at - then).total_seconds() // 60)
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{minutes} min ago"
    return f"{minutes // 60} h ago" if minutes < 48 * 60 else f"{minutes // 1440} days ago"


def _short(text: str, limit: int = 160) -> str:
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1].rsplit(" ", 1)[0] + "…"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
