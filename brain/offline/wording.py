"""What the offline chief says. Everything that it states as done comes from a row of the ledger."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from brain.offline import phrases
from brain.rows import (
    AgentRow,
    BudgetRow,
    FactRow,
    Outcome,
    Overview,
    ProjectRow,
    ResultText,
    SaidRow,
    ScheduleRow,
    TaskRow,
    ToolError,
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


def created(task: TaskRow, *, new_project: bool) -> str:
    """After create_task."""
    extras = [f"{task.priority} priority" if task.priority != "medium" else "", due(task)]
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
        return f"{capital(name(task))} is queued again. I'll tell you how it ends."
    if done == "gate.answered":
        return f"Thank you, I passed your answer on. {capital(name(task))} goes on now."
    facts = {
        "priority": f"has {task.priority} priority",
        "title": f"is now called “{task.title}”",
        "due": due(task) and f"is {due(task)}",
        "project": f"is in the project “{task.project}”",
        "depends_on": "waits for the other task now",
    }
    said = " and ".join(facts[key] for key in arguments if facts.get(key))
    return (
        f"Done: {'task ' + str(task.number) if 'title' in arguments else name(task)} {said or 'is changed'}."
    )


def overview(now: Overview, at: datetime) -> str:
    """ "What is going on?"."""
    if not any(now.counts.values()):
        return phrases.EMPTY
    parts = [_headline(now)]
    parts += _section("Needs you", now.waiting_for_person, _question)
    parts += _section("Running now", now.running, running)
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
    stands = f"{capital(name(task))}: {_state(task)}"
    lines = [stands if stands.endswith((".", "?", "!")) else f"{stands}."]
    traits = ", ".join(t for t in (f"{task.priority} priority", due(task), task.project or "") if t)
    lines.append(capital(traits) + ".")
    if task.summary:
        lines.append(f"Result: {task.summary}")
    if task.artifacts:
        lines.append("Files: " + ", ".join(task.artifacts))
    if task.error and task.status != "completed":
        lines.append(f"Last error: {task.error}")
    if task.status == "failed":
        lines.append(f"“Retry task {task.number}” tries it again.")
    return "\n".join(lines)


def will_call(outcome: Outcome, *, just_named: bool = False) -> str:
    """After a wish to be called, or after it was taken back."""
    named = name(outcome.task) if outcome.task and not just_named else "it"
    if outcome.done == "call.dropped":
        return f"All right, I won't call you about {named}."
    how = f"{outcome.told or 'by telephone'}{'' if just_named else f', about {named}'}"
    return f"I'll call you when it is done, has failed or needs you: {how}."


def brief(now: Overview, at: datetime) -> str:
    """ "Brief me": first what cannot wait."""
    parts = _section("Overdue", now.overdue, lambda task: due(task))
    parts += _section("Due today", now.due_today, lambda task: due(task))
    return "\n".join([*parts[1:], *([""] if parts else []), overview(now, at)])


def result(task: TaskRow | None, found: ResultText) -> str:
    """What came out of a task; the text is the worker's, and only quoted."""
    title = f"From {name(task)}" if task else "The result"
    more = " (there is more; “read on”)" if found.next_offset else ""
    files = f"\nFiles: {', '.join(found.files)}" if found.files else ""
    return f"{title}: {_short(found.text, 700)}{more}{files}"


def planned(rows: Sequence[TaskRow]) -> str:
    """After a plan was created."""
    return f"Created {_counted(len(rows), 'task')}. Each starts when the one before it is done."


def confirmed(outcome: Outcome) -> str:
    """After a yes to what the chief had asked, or a no."""
    if outcome.task is not None:
        return changed(outcome.task, outcome.done, ())
    if outcome.tasks:
        return planned(outcome.tasks)
    if outcome.paused is not None:
        return phrases.PAUSED if outcome.paused else phrases.RESUMED
    return outcome.told or ("Done." if outcome.done else phrases.NOTHING_CHANGED)


def will_remind(text: str, when: datetime, now: datetime) -> str:
    """After a reminder was set."""
    return f"I'll remind you {_moment(when, now)}: {text}."


def scheduled(title: str, rows: Sequence[ScheduleRow], *, reminder: bool) -> str:
    """After something that recurs was set up."""
    following = rows[0].next_run_at if rows else None
    when = (
        f" Next on {following:%a} {following.day} {following:%b} at {following:%H:%M}." if following else ""
    )
    what = "I'll remind you regularly" if reminder else "That is set up to come again and again"
    return f"{what}: {title}.{when}"


def schedules(rows: Sequence[ScheduleRow]) -> str:
    if not rows:
        return "There are no reminders and nothing that repeats. “Remind me tomorrow at 8 to …” makes one."
    lines = [f"- {row.name}: {_next(row)}" for row in rows[:_MAX_LISTED]]
    return "\n".join([f"{_counted(len(rows), 'reminder or schedule')}:", *lines])


def schedule_changed(name: str, action: str) -> str:
    done = {"delete": "is deleted", "pause": "is paused", "resume": "is active again", "run": "runs now"}
    return f"“{name}” {done.get(action, 'is changed')}."


def budgets(rows: Sequence[BudgetRow], *, new: bool = False) -> str:
    if not rows:
        return "There is no budget yet. “Set the daily budget to 10 dollars” makes one."
    lines = [f"- {row.scope}, {_limit(row)}" for row in rows[:_MAX_LISTED]]
    return "\n".join(["Set:" if new else "Spending:", *lines])


def facts(rows: Sequence[FactRow]) -> str:
    if not rows:
        return "I know nothing about you yet. “Remember that …” tells me."
    lines = [f"{row.at}. {row.text}" for row in rows[:20]]
    return "\n".join(["What I know about you:", *lines, "“Forget that …” removes one."])


def remembered(fact: str) -> str:
    return f"I'll keep in mind: {fact}."


def forgotten(fact: str) -> str:
    return "I have forgotten everything about you." if fact == "everything" else f"Forgotten: {fact}."


def profile_changed(arguments: Mapping[str, str]) -> str:
    said = {
        "name": "I'll call you {}",
        "language": "your language is {}",
        "time_zone": "your time zone is {}",
    }
    return capital(" and ".join(said[key].format(value) for key, value in arguments.items())) + "."


def said_before(rows: Sequence[SaidRow], words: str, now: datetime) -> str:
    """What a search in the conversation found."""
    if not rows:
        return f"I found nothing that we said about “{words}”."
    who = {"person": "You", "chief": "I", "notice": "I told you"}
    lines = [
        f"- {_moment(row.said_at, now)}, {who.get(row.by, row.by)}: {_short(row.text, 120)}"
        for row in rows[:5]
    ]
    return "\n".join([f"About “{words}”:", *(capital(line) for line in lines)])


def saved(file: str) -> str:
    return f"Saved as {file}."


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
    return f"{_counted(total, 'task')}: {', '.join(said)}. {capital(workers)} online."


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
        return f"running, {running(task)}"
    if task.status == "blocked":
        return f"needs you: {_question(task)}"
    return _STATUS.get(task.status, task.status)


def running(task: TaskRow) -> str:
    """How far a worker is, and which one."""
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
    return ", ".join(trait for trait in (f"{task.priority} priority", due(task)) if trait)


def due(task: TaskRow) -> str:
    """Until when it shall be done; empty without a date."""
    if task.due_at is None:
        return ""
    local = task.due_at.astimezone()
    clock = "" if (local.hour, local.minute) == (23, 59) else f" at {local:%H:%M}"
    return f"due {local:%a} {local.day} {local:%b}{clock}"


def _doing(row: AgentRow) -> str:
    if row.status != "online":
        return "offline"
    return "working on " + ", ".join(f"task {n}" for n in row.tasks) if row.tasks else "free"


def _moment(when: datetime, now: datetime) -> str:
    local = when.astimezone(now.tzinfo)
    days = (local.date() - now.date()).days
    near = {-1: "yesterday", 0: "today", 1: "tomorrow"}.get(days)
    return f"{near or f'on {local:%a} {local.day} {local:%b}'} at {local:%H:%M}"


def _next(row: ScheduleRow) -> str:
    if row.status != "active":
        return row.status
    following = row.next_run_at
    when = f"{following:%a} {following.day} {following:%b} at {following:%H:%M}" if following else "not again"
    return f"{when}{', repeating' if row.cron else ''}"


def _limit(row: BudgetRow) -> str:
    unit = {"money": "", "tokens": " tokens", "call_seconds": " seconds of calls"}.get(
        row.unit, f" {row.unit}"
    )
    period = {"day": "today", "month": "this month", "total": "in total"}.get(row.period, row.period)
    return f"{period}: {row.spent:g} of {row.limit:g}{unit} spent"


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


def capital(text: str) -> str:
    """As the beginning of a sentence."""
    return text[:1].upper() + text[1:]
