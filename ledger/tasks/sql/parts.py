# ruff: noqa: S608 - put together from constants of this package and of the state table only
"""What the statements are put together from: columns, conditions, rows for the log."""

import re

from agentops.wire import Priority
from ledger.tasks.states import Action, sources, target

NOW = "statement_timestamp()"
RANKS: tuple[Priority, ...] = tuple(Priority)
_PRIORITY_WORDS = "ARRAY[" + ", ".join(f"'{word}'" for word in RANKS) + "]"

# Written out rather than passed in: the partial index on pending tasks needs to see the constant.
PENDING = f"'{target(Action.TRY_AGAIN)}'"
IN_PROGRESS = f"'{target(Action.CLAIM)}'"
COMPLETED = f"'{target(Action.COMPLETE)}'"
BLOCKED = f"'{target(Action.BLOCK)}'"
FAILED = f"'{target(Action.FAIL)}'"
CANCELLED = f"'{target(Action.STOP)}'"


def allowed_in(action: Action) -> str:
    """The states in which `action` is allowed, as a list for IN."""
    return "(" + ", ".join(f"'{status}'" for status in sorted(sources(action))) + ")"


def task_columns(source: str) -> str:
    """What `ledger.tasks.rows.task_of` reads, of a task row named `source`."""
    # + 0, or a plan that avoids sorting walks through the dependencies of all tasks in their order.
    return f"""{source}.*, ARRAY(SELECT d.depends_on FROM task_dependency d
        WHERE d.task_id = {source}.id ORDER BY d.id + 0) AS depends_on"""


def _payload(source: str, extra: str = "") -> str:
    """How the task stands, and `extra`: names and values in turn."""
    more = f", {extra}" if extra else ""
    return f"""jsonb_build_object('number', {source}.number, 'title', {source}.title,
        'status', {source}.status, 'priority', ({_PRIORITY_WORDS})[{source}.priority],
        'version', {source}.version, 'origin', {source}.origin, 'assigned_to', {source}.assigned_to{more})"""


def tell(*news: str) -> str:
    """One insert for all the news of a statement, so that they are in the log in this order."""
    return f"""INSERT INTO event (type, entity_type, entity_id, task_id, project_id, actor, payload,
            traceparent, at)
        {" UNION ALL ".join(news)}"""


def of_task(kind: str, actor: str, trace: str, *, extra: str = "", source: str = "moved") -> str:
    """An event about every task in `source`; the arguments are SQL, `extra` names and values in turn."""
    return f"""SELECT {kind}, 'task', {source}.id::text, {source}.id, {source}.project_id, {actor},
            {_payload(source, extra)}, {trace}, {NOW} FROM {source}"""


_GATE = """'gate_id', g.id, 'kind', g.kind, 'question', g.question, 'options', to_jsonb(g.options),
                'answer', g.answer"""


def of_task_to_come(kind: str, actor: str, trace: str) -> str:
    """The same of tasks that may have been given a time before which nobody may claim them."""
    return of_task(kind, actor, trace, extra="'run_after', moved.run_after")


def of_gate(kind: str, gates: str, actor: str, trace: str) -> str:
    """An event about every gate in `gates`, whose tasks are in `moved`."""
    return f"""SELECT '{kind}', 'gate', g.id::text, g.task_id, moved.project_id, {actor},
            {_payload("moved", _GATE)},
            {trace}, {NOW}
        FROM {gates} g JOIN moved ON moved.id = g.task_id"""


def shifted(steps: str, by: int) -> str:
    """The same with its arguments so many places further on, for a statement that does two things."""
    return re.sub(r"\$(\d+)", lambda found: f"${int(found[1]) + by}", steps)


TOUCHED = f"version = t.version + 1, updated_at = {NOW}"
LET_GO = "assigned_to = NULL, progress = NULL, progress_note = NULL"
