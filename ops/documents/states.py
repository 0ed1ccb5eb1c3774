"""docs/task-states.md: the life of a task, from the table that the ledger's SQL is written from."""

from agentops.wire import TaskStatus
from ledger.tasks.states import FINISHED, MOVES, Action

_MEANING = {
    Action.CLAIM: "a worker takes it; the epoch rises, a lease begins",
    Action.COMPLETE: "the worker hands in its result",
    Action.FAIL: "an attempt failed for good: not retryable, or none left",
    Action.TRY_AGAIN: "an attempt failed, others are left: after a pause; its lease ran out: at once",
    Action.BLOCK: "the worker asks the person; the lease ends, a gate opens",
    Action.RELEASE: "the worker gives it back undone; that costs no attempt",
    Action.STOP: "the worker has stopped, as it was asked to",
    Action.ANSWER: "its gate was answered, or expired",
    Action.CANCEL: "the person does not want it any more; a running worker is asked to stop first",
    Action.RETRY: "by hand; all attempts are there again",
}

_HEAD = """# Task states

<!-- Written by `make docs` from ledger/tasks/states.py. Change that table, not this page. -->

Every task is in one of six states. What may happen in which is one table in code; the statements of the
ledger are written from it, and every action is tried in every state by a test. Whatever the table does not
list is refused with `invalid_transition`, or with `stale_claim` if a worker without the lease tried it, and
changes nothing.

```mermaid
stateDiagram-v2
    [*] --> pending
"""

_TAIL = """
Two rules stand beside the table. A task whose cancellation was asked for while it was being worked on is
not offered to another worker: `release`, `block`, `fail` and an expired lease then lead to `cancelled`.
Work that was done nevertheless counts: `complete` leads to `completed` even then.

A pending task can be claimed once every task that it depends on is completed and its `run_after` has passed.
"""


def document() -> str:
    """The page."""
    lines = [_HEAD.rstrip("\n")]
    for (start, action), end in MOVES.items():
        lines.append(f"    {start} --> {end}: {action}")
    lines += [f"    {status} --> [*]" for status in TaskStatus if status in FINISHED]
    lines += ["```", "", "| in state | action | leads to | meaning |", "|---|---|---|---|"]
    for (start, action), end in MOVES.items():
        lines.append(f"| {start} | {action} | {end} | {_MEANING[action]} |")
    return "\n".join(lines) + "\n" + _TAIL
