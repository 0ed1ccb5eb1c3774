"""Budgets: setting limits, seeing how they stand, and the stop when one is spent.

What a budget's period has used is kept with it and changed under its row's lock, by `recording`. Setting
or changing a limit counts anew from the usage itself, while no usage can be written.
"""

from collections.abc import Sequence
from typing import Any

from msgspec import UNSET

from agentops.wire import Budget, BudgetPatch, BudgetScope, BudgetState, BudgetUnit, NewBudget
from ledger.caller import Caller
from ledger.engine import LedgerEngine, Row
from ledger.errors import BudgetExists, BudgetNotFound, ValidationFailed, VersionConflict
from ledger.events import outbox
from ledger.ids import checked
from ledger.schedules.times import zone_of
from ledger.usage.standing import COUNTED, Standing

_NOW = "statement_timestamp()"
PERIOD = f"""CASE WHEN b.period <> 'total'
        THEN date_trunc(b.period, {_NOW}, b.time_zone) END AS begins,
    CASE WHEN b.period <> 'total'
        THEN (date_trunc(b.period, {_NOW} AT TIME ZONE b.time_zone) + ('1 ' || b.period)::interval)
            AT TIME ZONE b.time_zone END AS ends"""
"""Where the present period of a budget `b` begins and ends, by the calendar of its place."""

READ = f"SELECT b.*, {PERIOD} FROM budget b"  # noqa: S608

_CREATE = """INSERT INTO budget (name, scope, scope_id, unit, period, maximum, time_zone, created_by)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id"""
_CHANGE = f"""UPDATE budget SET name = $2, maximum = $3, time_zone = $4, version = version + 1,
    updated_at = {_NOW} WHERE id = $1"""  # noqa: S608
_KEEP = "UPDATE budget SET spent = $2, state = $3, period_start = $4 WHERE id = $1"
_SPENT = """SELECT COALESCE(sum(amount), 0)::bigint AS spent FROM usage
    WHERE kind = ANY($1) AND ($2::timestamptz IS NULL OR at >= $2)
    AND CASE $3 WHEN 'all' THEN true WHEN 'project' THEN project_id::text = $4
        WHEN 'agent' THEN agent = $4 ELSE task_id::text = $4 END"""
_STOP = """INSERT INTO claim_stop (scope, scope_id, budget_id, reason, stopped_by, until)
    VALUES ($1, $2, $3, $4, 'ledger', $5)
    ON CONFLICT (budget_id) DO UPDATE SET reason = EXCLUDED.reason, until = EXCLUDED.until"""
_GO_ON = "DELETE FROM claim_stop WHERE budget_id = $1"
# No usage between the sum and the budget that keeps it: writers of usage wait for this moment.
_STAND_STILL = "LOCK TABLE usage IN SHARE ROW EXCLUSIVE MODE"


def standing_of(row: Row) -> Standing:
    """How a budget stands now: a period that is over has left nothing."""
    if row["begins"] != row["period_start"]:
        return Standing(row["maximum"])
    return Standing(row["maximum"], row["spent"], BudgetState(row["state"]))


def budget_of(row: Row, standing: Standing | None = None) -> Budget:
    """A row of `READ`."""
    stands = standing or standing_of(row)
    plain = ("id", "name", "scope_id", "time_zone", "version", "created_by", "created_at", "updated_at")
    return Budget(
        scope=BudgetScope(row["scope"]),
        unit=row["unit"],
        period=row["period"],
        limit=stands.limit,
        spent=stands.spent,
        state=stands.state,
        period_start=row["begins"],
        period_end=row["ends"],
        **{name: row[name] for name in plain},
    )


async def keep(caller: Caller, row: Row, after: Standing) -> Budget:
    """Writes down how a budget stands; tells what it has come to, and stops or frees its claims.

    The caller's transaction holds the row.
    """
    await caller.db.rows(_KEEP, row["id"], after.spent, str(after.state), row["begins"])
    if after.state is BudgetState.EXHAUSTED:
        reason = f"{after.spent:,} of {after.limit:,} {row['unit']} a {row['period']}"
        await caller.db.rows(
            _STOP, row["scope"], row["scope_id"], row["id"], reason.replace("a total", "in all"), row["ends"]
        )
    else:
        await caller.db.rows(_GO_ON, row["id"])
    news = standing_of(row).news(after)
    if news is not None:
        await _tell(caller, news, row, after)
    return budget_of(row, after)


async def _tell(caller: Caller, kind: str, row: Row, stands: Standing) -> None:
    shown = ("name", "scope", "scope_id", "unit", "period", "time_zone")
    payload: dict[str, Any] = {name: row[name] for name in shown}
    payload |= {
        "limit": stands.limit,
        "spent": stands.spent,
        "state": str(stands.state),
        "until": row["ends"],
    }
    await outbox.write(
        caller,
        kind,
        row["id"],
        payload,
        task_id=row["scope_id"] if row["scope"] == BudgetScope.TASK else None,
        project_id=row["scope_id"] if row["scope"] == BudgetScope.PROJECT else None,
    )


async def _counted_anew(caller: Caller, row: Row) -> Budget:
    kinds = [str(kind) for kind in COUNTED[BudgetUnit(row["unit"])]]
    found = await caller.db.row(_SPENT, kinds, row["begins"], row["scope"], row["scope_id"])
    return await keep(caller, row, Standing(row["maximum"]).moved(spent=found["spent"] if found else 0))


async def create_budget(caller: Caller, new: NewBudget) -> Budget:
    """Sets a limit; what the present period has used already counts.

    Raises:
        ValidationFailed: it names nothing, or the wrong thing, to limit.
        BudgetExists: there is one for this scope, unit and period.
    """
    caller.need()
    _check_scope(new)
    zone_of(new.time_zone)
    scope_id = new.scope_id if new.scope is BudgetScope.AGENT else (new.scope_id or "").lower() or None
    async with caller.db.joined():
        await caller.db.rows(_STAND_STILL)
        present = await caller.db.row(
            READ + " WHERE scope = $1 AND scope_id IS NOT DISTINCT FROM $2 AND unit = $3 AND period = $4",
            str(new.scope), scope_id, str(new.unit), str(new.period),
        )  # fmt: skip
        if present is not None:
            raise BudgetExists(
                "there is such a budget: change its limit instead",
                current={"id": present["id"], "limit": present["maximum"], "version": present["version"]},
            )
        made = await caller.db.row(
            _CREATE, new.name, str(new.scope), scope_id, str(new.unit), str(new.period), new.limit,
            new.time_zone, caller.name,
        )  # fmt: skip
        row = await _held(caller, made["id"] if made else "")
        await _tell(caller, "budget.created", row, standing_of(row))
        return await _counted_anew(caller, row)


def _check_scope(new: NewBudget) -> None:
    if (new.scope is BudgetScope.ALL) != (not new.scope_id):
        raise ValidationFailed(f"scope_id: {'nothing' if new.scope is BudgetScope.ALL else 'say whose'}")
    if new.scope in (BudgetScope.PROJECT, BudgetScope.TASK):
        checked([new.scope_id], "scope_id")


async def _held(caller: Caller, budget_id: str) -> Row:
    row = await caller.db.row(READ + " WHERE b.id = $1 FOR UPDATE", budget_id)
    if row is None:
        raise _missing(budget_id)
    return row


def _missing(budget_id: str) -> BudgetNotFound:
    return BudgetNotFound(f"no budget has the id {budget_id}")


async def update_budget(caller: Caller, budget_id: str, patch: BudgetPatch) -> Budget:
    """Changes a limit; a budget that is no longer spent lets claims go on at once.

    Raises:
        BudgetNotFound: there is none with this id.
        VersionConflict: the patch names a version, and the budget has a newer one.
    """
    caller.need()
    async with caller.db.joined():
        await caller.db.rows(_STAND_STILL)
        row = await _held(caller, budget_id)
        if patch.version is not UNSET and patch.version != row["version"]:
            raise VersionConflict(
                f"the budget has version {row['version']}, not {patch.version}",
                current={"version": row["version"], "limit": row["maximum"]},
            )
        name = row["name"] if patch.name is UNSET else patch.name
        limit = row["maximum"] if patch.limit is UNSET else patch.limit
        zone = row["time_zone"] if patch.time_zone is UNSET else patch.time_zone
        if (name, limit, zone) == (row["name"], row["maximum"], row["time_zone"]):
            return budget_of(row)
        zone_of(zone)
        await caller.db.rows(_CHANGE, budget_id, name, limit, zone)
        row = await _held(caller, budget_id)
        await _tell(caller, "budget.updated", row, standing_of(row))
        return await _counted_anew(caller, row)


async def delete_budget(caller: Caller, budget_id: str) -> None:
    """Takes a limit away; what it stopped goes on.

    Raises:
        BudgetNotFound: there is none with this id.
    """
    caller.need()
    async with caller.db.joined():
        row = await _held(caller, budget_id)
        await caller.db.rows("DELETE FROM budget WHERE id = $1", budget_id)
        await _tell(caller, "budget.deleted", row, standing_of(row))


async def get_budget(db: LedgerEngine, budget_id: str) -> Budget:
    """One budget, as it stands now.

    Raises:
        BudgetNotFound: there is none with this id.
    """
    row = await db.row(READ + " WHERE b.id = $1", budget_id)
    if row is None:
        raise _missing(budget_id)
    return budget_of(row)


_FOR = """ WHERE ($1::text IS NULL AND $2::text IS NULL AND $3::text IS NULL)
    OR b.scope = 'all' OR (b.scope = 'project' AND b.scope_id = $1)
    OR (b.scope = 'agent' AND b.scope_id = $2) OR (b.scope = 'task' AND b.scope_id = $3)
    ORDER BY b.scope, b.scope_id, b.unit, b.period LIMIT 1000"""


async def list_budgets(
    db: LedgerEngine, *, project_id: str | None = None, agent: str | None = None, task_id: str | None = None
) -> Sequence[Budget]:
    """Budgets as they stand now; with a project, agent or task, those that its usage counts for."""
    return [budget_of(row) for row in await db.rows(READ + _FOR, project_id, agent, task_id)]
