"""Usage and budgets: what work costs, and what it may cost."""

from collections.abc import Sequence
from datetime import datetime

from agentops.calls.base import Calls
from agentops.requests import path_of
from agentops.wire import (
    Budget,
    BudgetId,
    BudgetPatch,
    NewBudget,
    NewUsage,
    Page,
    ProjectId,
    TaskId,
    UsageGroup,
    UsageRecord,
    UsageRecorded,
    UsageSum,
)


class UsageCalls(Calls):
    """`/usage` and `/budgets`."""

    async def record_usage(
        self, records: Sequence[UsageRecord], *, idempotency_key: str | None = None
    ) -> UsageRecorded:
        """Write down what was used, all of it or nothing; hear how the budgets stand.

        Example:
            After a call of a model, on a task that this worker holds:

                told = await ops.record_usage([
                    UsageRecord(kind=UsageKind.TOKENS_IN, amount=1_200, task_id=task.id, model="small"),
                    UsageRecord(kind=UsageKind.TOKENS_OUT, amount=340, task_id=task.id, model="small"),
                    UsageRecord(kind=UsageKind.MONEY, amount=2_150, task_id=task.id, model="small"),
                ])
                if any(budget.state is BudgetState.EXHAUSTED for budget in told.budgets):
                    ...  # ask the person before spending more

        Args:
            records: 1 to 500; money in millionths, so that 0.00215 is 2150.
            idempotency_key: Makes a repeated report count once.

        Raises:
            Forbidden: A worker reports for a task that it does not hold (any more).
        """
        body = NewUsage(records=list(records))
        return await self._transport.post("/usage", UsageRecorded, body, key=idempotency_key)

    async def sum_usage(
        self,
        group_by: UsageGroup = UsageGroup.DAY,
        *,
        begin: datetime | None = None,
        end: datetime | None = None,
        project_id: ProjectId | None = None,
        agent: str | None = None,
        task_id: TaskId | None = None,
        time_zone: str = "UTC",
    ) -> list[UsageSum]:
        """Sums by day, project, agent, model, task or session.

        Args:
            group_by: What each sum is of.
            begin: From this time on; always, if it is None.
            end: Until before this time.
            project_id: Only this project's.
            agent: Only this agent's.
            task_id: Only this task's.
            time_zone: Whose days.
        """
        params = {
            "group_by": group_by,
            "from": None if begin is None else begin.isoformat(),
            "to": None if end is None else end.isoformat(),
            "project_id": project_id,
            "agent": agent,
            "task_id": task_id,
            "time_zone": time_zone,
        }
        return (await self._transport.get("/usage", Page[UsageSum], params=params)).items

    async def create_budget(self, budget: NewBudget, *, idempotency_key: str | None = None) -> Budget:
        """Set a limit; at 100% nothing under it can be claimed until it begins anew or is raised.

        Example:
            Ten a day, for everything, from midnight to midnight in Paris:

                await ops.create_budget(NewBudget(
                    scope=BudgetScope.ALL, unit=BudgetUnit.MONEY, period=BudgetPeriod.DAY,
                    limit=10_000_000, time_zone="Europe/Paris",
                ))

        Raises:
            BudgetExists: There is one for this scope, unit and period; `current["id"]` says which.
        """
        return await self._transport.post("/budgets", Budget, budget, key=idempotency_key)

    async def list_budgets(
        self,
        *,
        project_id: ProjectId | None = None,
        agent: str | None = None,
        task_id: TaskId | None = None,
    ) -> list[Budget]:
        """Budgets as they stand; with a project, agent or task, those that its usage counts for.

        Example:
            Before a call of a model:

                for budget in await ops.list_budgets(agent="chief"):
                    if budget.state is BudgetState.EXHAUSTED:
                        ...  # say so instead
        """
        params = {"project_id": project_id, "agent": agent, "task_id": task_id}
        return (await self._transport.get("/budgets", Page[Budget], params=params)).items

    async def get_budget(self, budget_id: BudgetId) -> Budget:
        """One budget.

        Raises:
            BudgetNotFound: There is none with this id.
        """
        return await self._transport.get(path_of("budgets", budget_id), Budget)

    async def update_budget(
        self, budget_id: BudgetId, patch: BudgetPatch, *, idempotency_key: str | None = None
    ) -> Budget:
        """Change a limit; raised above what is spent, claims go on at once.

        Raises:
            VersionConflict: `patch.version` is not the present one.
        """
        path = path_of("budgets", budget_id)
        return await self._transport.patch(path, Budget, patch, key=idempotency_key)

    async def delete_budget(self, budget_id: BudgetId, *, idempotency_key: str | None = None) -> None:
        """Take a limit away."""
        await self._transport.delete(path_of("budgets", budget_id), key=idempotency_key)
