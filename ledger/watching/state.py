"""How the work stands, read from the database when somebody looks; the same from every replica."""

import asyncio
import time
from collections.abc import Iterator, Mapping
from typing import Any

from prometheus_client.core import GaugeMetricFamily, Metric

from agentops.wire import TaskStatus
from ledger.engine import AWAY, LedgerEngine
from ledger.tasks import sql

FRESH_S = 5.0
"""Several that look within this time share one reading."""
TIMEOUT_S = 5.0
RECENT = "interval '15 minutes'"

_READ = f"""SELECT
    (SELECT jsonb_object_agg(status, n) FROM (SELECT status, count(*) AS n FROM task GROUP BY 1) s) AS tasks,
    (SELECT count(*) FROM task WHERE status = {sql.PENDING}
        AND (run_after IS NULL OR run_after <= {sql.NOW})) AS ready,
    (SELECT extract(epoch FROM {sql.NOW} - min(GREATEST(created_at, run_after)))::float8 FROM task
        WHERE status = {sql.PENDING} AND (run_after IS NULL OR run_after <= {sql.NOW})) AS oldest_s,
    (SELECT jsonb_object_agg(status, n) FROM (SELECT status, count(*) AS n FROM agent GROUP BY 1) a)
        AS agents,
    (SELECT count(DISTINCT agent) FROM task_lease) AS busy,
    (SELECT count(*) FROM task_lease) AS leases,
    (SELECT count(*) FROM task_lease WHERE expires_at < {sql.NOW}) AS expired,
    (SELECT count(*) FROM gate WHERE status = 'open') AS gates,
    (SELECT extract(epoch FROM {sql.NOW} - min(created_at))::float8 FROM gate
        WHERE status = 'open') AS gate_s,
    (SELECT jsonb_object_agg(q, s) FROM unnest(ARRAY[0.5, 0.9, 0.99]) q, LATERAL (
        SELECT percentile_cont(q) WITHIN GROUP (ORDER BY extract(epoch FROM finished_at - started_at)::float8)
            AS s FROM task WHERE status = {sql.COMPLETED} AND finished_at > {sql.NOW} - {RECENT}) w)
        AS work_s,
    (SELECT jsonb_object_agg(kind, n) FROM (
        SELECT kind, sum(amount) AS n FROM usage WHERE at >= date_trunc('day', {sql.NOW}) GROUP BY 1) u)
        AS used,
    (SELECT jsonb_agg(jsonb_build_array(name, scope, unit, period, spent::float8 / NULLIF(maximum, 0)))
        FROM budget) AS budgets,
    EXISTS (SELECT FROM claim_stop WHERE scope = 'system') AS paused
"""  # noqa: S608


class State:
    """Reads the work's state, at most every `FRESH_S`."""

    def __init__(self, db: LedgerEngine) -> None:
        self._db = db
        self._turn = asyncio.Lock()
        self._until = 0.0
        self._last: list[Metric] = []

    async def read(self) -> list[Metric]:
        """The gauges; `ledger_database_up 0` alone when the database is away."""
        async with self._turn:
            if time.monotonic() > self._until:
                self._last = await self._look()
                self._until = time.monotonic() + FRESH_S
        return [*self._last, *self._pool()]

    async def _look(self) -> list[Metric]:
        try:
            async with asyncio.timeout(TIMEOUT_S):
                row = await self._db.row(_READ)
        except AWAY:
            row = None
        up = _gauge("ledger_database_up", "Whether the database answers.", 0 if row is None else 1)
        return [up] if row is None else [up, *gauges(row)]

    def _pool(self) -> Iterator[Metric]:
        pools = [pool for pool in (self._db.pool, self._db.commands) if pool is not None]
        if not pools:
            return
        size, idle = sum(pool.get_size() for pool in pools), sum(pool.get_idle_size() for pool in pools)
        connections = {"busy": size - idle, "idle": idle}
        yield _family("ledger_database_connections", "Connections of this process.", "state", connections)
        most = sum(pool.get_max_size() for pool in pools)
        yield _gauge("ledger_database_connections_max", "How many it may have: LEDGER_POOL_SIZE.", most)


def gauges(row: Mapping[str, Any]) -> Iterator[Metric]:
    """What one reading says."""
    tasks = dict.fromkeys(map(str, TaskStatus), 0) | (row["tasks"] or {})
    yield _family("ledger_tasks", "Tasks, by where they stand.", "status", tasks)
    yield _gauge("ledger_queue_ready", "Tasks that could be claimed now.", row["ready"])
    yield _gauge("ledger_queue_oldest_seconds", "How long the oldest of them waits.", row["oldest_s"])
    agents = {"online": 0, "offline": 0} | (row["agents"] or {})
    yield _family("ledger_agents", "Workers, by whether they are heard of.", "status", agents)
    yield _gauge("ledger_agents_busy", "Workers that hold a task.", row["busy"])
    yield _gauge("ledger_leases", "Tasks that are held by a worker.", row["leases"])
    yield _gauge("ledger_leases_expired", "Leases that ran out and were not swept yet.", row["expired"])
    yield _gauge("ledger_gates_open", "Questions that wait for a person.", row["gates"])
    yield _gauge("ledger_gate_oldest_seconds", "How long the oldest of them waits.", row["gate_s"])
    work = row["work_s"] or {}
    took = {quantile: seconds for quantile, seconds in work.items() if seconds is not None}
    yield _family("ledger_task_seconds", "From claim to completion, last 15 minutes.", "quantile", took)
    used = dict.fromkeys(("tokens_in", "tokens_out", "money", "call_seconds"), 0) | (row["used"] or {})
    yield _family("ledger_usage_today", "Used since midnight UTC; money in millionths.", "kind", used)
    yield _budgets(row["budgets"] or [])
    yield _gauge("ledger_paused", "Whether all work is stopped by hand.", int(row["paused"]))


def _budgets(rows: list[list[Any]]) -> Metric:
    family = GaugeMetricFamily(
        "ledger_budget_used_ratio", "Spent of each limit.", labels=["budget", "scope", "unit", "period"]
    )
    for name, scope, unit, period, ratio in rows:
        family.add_metric([name, scope, unit, period], ratio or 0)
    return family


def _family(name: str, meaning: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, meaning, labels=[label])
    for value, number in sorted(values.items()):
        family.add_metric([str(value)], number)
    return family


def _gauge(name: str, meaning: str, value: float | None) -> Metric:
    return GaugeMetricFamily(name, meaning, value=value or 0)
