"""Schedules, usage and budgets, what stops claims, how far retention went."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from ledger.ddl import migration

ID = "2026-11-22T10:40:00:000000"
DESCRIPTION = "Schedules, usage, budgets, stops, retention"

FORWARDS = [
    """CREATE TABLE schedule (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        name varchar(200) NOT NULL,
        cron varchar(100),
        at timestamptz,
        time_zone varchar(100) NOT NULL DEFAULT 'UTC',
        task jsonb,
        notice jsonb,
        missed varchar(20) NOT NULL DEFAULT 'once',
        status varchar(20) NOT NULL DEFAULT 'active',
        next_run_at timestamptz,
        last_run_at timestamptz,
        last_task_id uuid,
        last_error text,
        runs integer NOT NULL DEFAULT 0,
        version integer NOT NULL DEFAULT 1,
        created_by varchar(500) NOT NULL,
        created_at timestamptz NOT NULL DEFAULT statement_timestamp(),
        updated_at timestamptz NOT NULL DEFAULT statement_timestamp(),
        CONSTRAINT schedule_status_known CHECK (status IN ('active', 'paused', 'finished')),
        CONSTRAINT schedule_when CHECK (num_nonnulls(cron, at) = 1),
        CONSTRAINT schedule_what CHECK (num_nonnulls(task, notice) = 1),
        CONSTRAINT schedule_next CHECK ((status = 'active') = (next_run_at IS NOT NULL))
    )""",
    "CREATE INDEX schedule_due ON schedule (next_run_at) WHERE status = 'active'",
    """CREATE TABLE usage (
        id bigserial PRIMARY KEY,
        kind varchar(20) NOT NULL,
        amount bigint NOT NULL,
        task_id uuid,
        project_id uuid,
        agent varchar(100),
        session varchar(100),
        model varchar(200),
        recorded_by varchar(500) NOT NULL,
        at timestamptz NOT NULL DEFAULT statement_timestamp(),
        CONSTRAINT usage_kind_known CHECK (kind IN ('tokens_in', 'tokens_out', 'money', 'call_seconds')),
        CONSTRAINT usage_amount_whole CHECK (amount >= 0)
    )""",
    "CREATE INDEX usage_at ON usage (at)",
    "CREATE INDEX usage_task ON usage (task_id) WHERE task_id IS NOT NULL",
    """CREATE TABLE budget (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        name varchar(500) NOT NULL DEFAULT '',
        scope varchar(20) NOT NULL,
        scope_id varchar(500),
        unit varchar(20) NOT NULL,
        period varchar(20) NOT NULL,
        maximum bigint NOT NULL,
        spent bigint NOT NULL DEFAULT 0,
        state varchar(20) NOT NULL DEFAULT 'ok',
        time_zone varchar(100) NOT NULL DEFAULT 'UTC',
        period_start timestamptz,
        version integer NOT NULL DEFAULT 1,
        created_by varchar(500) NOT NULL,
        created_at timestamptz NOT NULL DEFAULT statement_timestamp(),
        updated_at timestamptz NOT NULL DEFAULT statement_timestamp(),
        CONSTRAINT budget_scope_known CHECK (scope IN ('all', 'project', 'agent', 'task')),
        CONSTRAINT budget_scope_id CHECK ((scope = 'all') = (scope_id IS NULL)),
        CONSTRAINT budget_unit_known CHECK (unit IN ('tokens', 'money', 'call_seconds')),
        CONSTRAINT budget_period_known CHECK (period IN ('day', 'month', 'total'))
    )""",
    "CREATE UNIQUE INDEX budget_one ON budget (scope, COALESCE(scope_id, ''), unit, period)",
    """CREATE TABLE claim_stop (
        id bigserial PRIMARY KEY,
        scope varchar(20) NOT NULL,
        scope_id varchar(500),
        budget_id uuid UNIQUE REFERENCES budget ON DELETE CASCADE,
        reason text NOT NULL DEFAULT '',
        stopped_by varchar(500) NOT NULL,
        since timestamptz NOT NULL DEFAULT statement_timestamp(),
        until timestamptz
    )""",
    "CREATE UNIQUE INDEX claim_stop_system ON claim_stop (scope) WHERE scope = 'system'",
    """CREATE TABLE event_horizon (
        id smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1), xid bigint NOT NULL, seq bigint NOT NULL
    )""",
    "INSERT INTO event_horizon (xid, seq) VALUES (0, 0)",
    # For the statistics of the last days. They summarise ranges of pages: next to nothing to keep current.
    "CREATE INDEX task_created_at ON task USING brin (created_at) WITH (pages_per_range = 32, autosummarize)",
    "CREATE INDEX task_finished_at ON task USING brin (finished_at) WITH (pages_per_range = 32, autosummarize)",
]

BACKWARDS = [
    "DROP INDEX task_created_at, task_finished_at",
    "DROP TABLE event_horizon, claim_stop, budget, usage, schedule",
]


async def forwards() -> MigrationManager:
    return migration(ID, DESCRIPTION, forwards=FORWARDS, backwards=BACKWARDS)
