"""Workers are killed without warning, and every task still ends once."""

import pytest

from agentops import AgentOpsClient
from ops.bench.herd import HerdAudit, Plan, harried
from ops.bench.seed import utilisation
from tests.ledger_fixtures import ADMIN_KEY


@pytest.mark.long
async def test_every_task_ends_once_though_workers_are_killed(
    ops: AgentOpsClient, ledger_url: str, agent_key: str
) -> None:
    plan = Plan(workers=3, tasks=24, slots=2, work_s=0.4, lease_s=2, kill_every_s=1.0, patience_s=90)
    audit = await harried(ledger_url, ops, agent_key, plan, lambda _: None)

    assert audit.kills > 0
    _is_sound(audit)


@pytest.mark.long
@pytest.mark.timeout(900)
async def test_eight_workers_and_five_hundred_tasks_outlive_a_kill_every_two_seconds(
    ops: AgentOpsClient, ledger_url: str, agent_key: str
) -> None:
    plan = Plan()
    audit = await harried(ledger_url, ops, agent_key, plan, lambda _: None)

    assert audit.kills > audit.seconds / plan.kill_every_s / 2
    assert audit.attempts_lost > 0
    _is_sound(audit)


async def test_slots_are_busy_while_tasks_wait(ledger_url: str, agent_key: str) -> None:
    found = await utilisation(ledger_url, agent_key, ADMIN_KEY, 16, 0.5)

    assert found.share > 0.5, "the goal of 95% is for `cos bench seed`, on a machine that does nothing else"


def _is_sound(audit: HerdAudit) -> None:
    assert (audit.not_completed, audit.ended_twice) == (0, 0), audit
    assert audit.longest_stuck_s < 10 * audit.lease_s, audit
