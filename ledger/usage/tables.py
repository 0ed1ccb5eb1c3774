"""The tables of usage and budgets."""

from piccolo.columns import UUID, BigInt, BigSerial, Integer, Timestamptz, Varchar
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table

from ledger.engine import DIALECT


class Usage(Table, db=DIALECT):
    """Something that was used; never changed."""

    id = BigSerial(primary_key=True)
    kind = Varchar(length=20)
    amount = BigInt()
    task_id = UUID(null=True, default=None)
    project_id = UUID(null=True, default=None)
    agent = Varchar(length=100, null=True, default=None)
    session = Varchar(length=100, null=True, default=None)
    model = Varchar(length=200, null=True, default=None)
    recorded_by = Varchar(length=500)
    at = Timestamptz(default=TimestamptzNow())


class Budget(Table, db=DIALECT):
    """A limit. `spent` and `state` are those of the period that began at `period_start`."""

    id = UUID(primary_key=True, default=UUID4())
    name = Varchar(length=500)
    scope = Varchar(length=20)
    scope_id = Varchar(length=500, null=True, default=None)
    unit = Varchar(length=20)
    period = Varchar(length=20)
    maximum = BigInt()
    spent = BigInt(default=0)
    state = Varchar(length=20, default="ok")
    time_zone = Varchar(length=100, default="UTC")
    period_start = Timestamptz(null=True, default=None)
    version = Integer(default=1)
    created_by = Varchar(length=500)
    created_at = Timestamptz(default=TimestamptzNow())
    updated_at = Timestamptz(default=TimestamptzNow())
