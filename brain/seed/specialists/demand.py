"""Whether there is work for a specialist: what waits for it, what it holds."""

from collections.abc import Sequence
from datetime import UTC, datetime

from agentops import AgentNotFound, AgentOpsClient
from agentops.wire import Task, TaskStatus
from brain.seed.specialists.spec import Spec

_MOST_WAITING = 200


async def is_wanted(ops: AgentOpsClient, spec: Spec) -> bool:
    """Whether a task that may run asks for it.

    Raises:
        AgentOpsError: The ledger does not say.
    """
    page = await ops.list_tasks(status=[TaskStatus.PENDING], limit=_MOST_WAITING)
    return any(_asks_for(task, spec.capabilities) for task in page.items if _may_run(task))


async def is_at_work(ops: AgentOpsClient, name: str) -> bool:
    """Whether it holds a task.

    Raises:
        AgentOpsError: The ledger does not say.
    """
    try:
        return bool((await ops.get_agent(name)).current_tasks)
    except AgentNotFound:  # it has not come up yet
        return False


def _asks_for(task: Task, capabilities: Sequence[str]) -> bool:
    return bool(task.capabilities) and set(task.capabilities) <= set(capabilities)


def _may_run(task: Task) -> bool:
    return task.run_after is None or task.run_after <= datetime.now(UTC)
