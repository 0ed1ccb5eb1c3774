"""The statements that move tasks. Each is one: it changes the task, its lease, its attempt and the log.

The outbox row is written by the same statement, so that a change without its event cannot exist.
Locks are always taken in one order, so that these never deadlock: the lease before its task, the task
before its gates. Start at `parts`, then `claiming` and `working`; `by_hand` is what people do, `sweeping`
what nobody asks for.
"""

from ledger.tasks.sql.by_hand import ANSWER, CANCEL, CREATE, CREATE_BATCH, RETRY, update
from ledger.tasks.sql.claiming import CLAIM, CLAIM_NEXT, CLAIMED_BEFORE, READY
from ledger.tasks.sql.gathering import CREATE_TOGETHER
from ledger.tasks.sql.parts import (
    BLOCKED,
    CANCELLED,
    COMPLETED,
    FAILED,
    IN_PROGRESS,
    NOW,
    PENDING,
    RANKS,
    task_columns,
)
from ledger.tasks.sql.settling import SETTLE, SETTLE_ONE
from ledger.tasks.sql.sweeping import (
    EXPIRE_GATES,
    EXPIRE_LEASES,
    LEASES_AT_ONCE,
    NEXT_LEASE_END,
    SILENT_AGENTS,
)
from ledger.tasks.sql.working import (
    BLOCK,
    COMPLETE,
    COMPLETE_BATCH,
    FAIL,
    HEARTBEAT,
    RELEASE,
    RENEW_ALL,
    STOP,
)

__all__ = [
    "ANSWER", "BLOCK", "BLOCKED", "CANCEL", "CANCELLED", "CLAIM", "CLAIMED_BEFORE", "CLAIM_NEXT",
    "COMPLETE", "COMPLETED", "COMPLETE_BATCH", "CREATE", "CREATE_BATCH", "CREATE_TOGETHER", "EXPIRE_GATES",
    "EXPIRE_LEASES", "FAIL", "FAILED", "HEARTBEAT", "IN_PROGRESS", "LEASES_AT_ONCE", "NEXT_LEASE_END",
    "NOW", "PENDING", "RANKS", "READY", "RELEASE", "RENEW_ALL", "RETRY", "SETTLE", "SETTLE_ONE",
    "SILENT_AGENTS", "STOP", "task_columns", "update",
]  # fmt: skip
