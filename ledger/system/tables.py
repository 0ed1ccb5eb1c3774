"""The tables of what stops claims, and of what retention has removed."""

from piccolo.columns import BigInt, BigSerial, ForeignKey, SmallInt, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.table import Table

from ledger.engine import DIALECT
from ledger.usage.tables import Budget


class ClaimStop(Table, db=DIALECT):
    """What keeps tasks from being claimed; empty nearly always, so that a claim's look costs nothing."""

    id = BigSerial(primary_key=True)
    scope = Varchar(length=20)
    """`system` for the emergency stop; a budget's scope otherwise."""
    scope_id = Varchar(length=500, null=True, default=None)
    budget_id = ForeignKey(Budget, null=True, default=None, on_delete=OnDelete.cascade)
    reason = Text()
    stopped_by = Varchar(length=500)
    since = Timestamptz(default=TimestamptzNow())
    until = Timestamptz(null=True, default=None)


class EventHorizon(Table, db=DIALECT):
    """One row: the last event that retention removed. A cursor before it could have missed something."""

    id = SmallInt(primary_key=True, default=1)
    xid = BigInt()
    seq = BigInt()
