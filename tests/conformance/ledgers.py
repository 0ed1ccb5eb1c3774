"""The two ledgers of the suite, behind the one client."""

from collections.abc import Callable
from dataclasses import dataclass

from agentops import AgentOpsClient
from agentops.wire import Claim, ClaimRequest, NewTask, Scope, Task, TaskStatus

SEED = "seed-1"


@dataclass(frozen=True)
class Ledger:
    """How tests reach a ledger: a client with a key of each scope, or with any key."""

    admin: AgentOpsClient
    agent: AgentOpsClient
    reader: AgentOpsClient
    with_key: Callable[[str], AgentOpsClient]
    """The caller closes it."""

    def of(self, scope: Scope) -> AgentOpsClient:
        """The client with a key of this scope."""
        return {Scope.ADMIN: self.admin, Scope.AGENT: self.agent, Scope.READER: self.reader}[scope]

    async def task(self, title: str = "Count the boxes") -> Task:
        """A new task."""
        return await self.admin.create_task(NewTask(title=title))

    async def claimed(self, new: NewTask | None = None, *, lease_s: int = 60) -> Claim:
        """A new task, claimed by an agent."""
        task = await self.admin.create_task(new or NewTask(title="Count the boxes"))
        wish = ClaimRequest(agent=SEED, version=task.version, lease_s=lease_s)
        return await self.agent.claim(task.id, wish)

    async def status(self, task: Task) -> TaskStatus:
        """Where a task stands now."""
        return (await self.admin.get_task(task.id)).status

    async def types(self, task: Task) -> list[str]:
        """The types of all events about a task, in order."""
        return [event.type for event in (await self.admin.list_events(after="0", task_id=task.id)).events]
