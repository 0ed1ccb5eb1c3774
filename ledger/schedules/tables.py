"""The table of schedules."""

from piccolo.columns import JSONB, UUID, Integer, Text, Timestamptz, Varchar
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table

from ledger.engine import DIALECT


class Schedule(Table, db=DIALECT):
    """`cron` or `at`, `task` or `notice`; `next_run_at` is set exactly while it is active."""

    id = UUID(primary_key=True, default=UUID4())
    name = Varchar(length=200)
    cron = Varchar(length=100, null=True, default=None)
    at = Timestamptz(null=True, default=None)
    time_zone = Varchar(length=100, default="UTC")
    task = JSONB(null=True, default=None)
    notice = JSONB(null=True, default=None)
    missed = Varchar(length=20, default="once")
    status = Varchar(length=20, default="active")
    next_run_at = Timestamptz(null=True, default=None)
    last_run_at = Timestamptz(null=True, default=None)
    last_task_id = UUID(null=True, default=None)
    last_error = Text(null=True, default=None)
    runs = Integer(default=0)
    version = Integer(default=1)
    created_by = Varchar(length=500)
    created_at = Timestamptz(default=TimestamptzNow())
    updated_at = Timestamptz(default=TimestamptzNow())
