"""Which path asks what of the ledger in memory."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from agentops.testing import access, batches, budgets, calendar, files, listing, records, stops, tasks, usage
from agentops.testing.asking import Asking

Handler = Callable[[Asking], object]


@dataclass(frozen=True, slots=True)
class Route:
    """One operation."""

    method: str
    path: re.Pattern[str]
    handler: Handler
    status: int = 200
    public: bool = False

    def match(self, method: str, path: str) -> tuple[str, ...] | None:
        """The path's variable parts, or None if this is another operation."""
        found = self.path.fullmatch(path) if method == self.method else None
        return None if found is None else found.groups()


def _route(operation: str, handler: Handler, status: int = 200, *, public: bool = False) -> Route:
    method, _, path = operation.partition(" ")
    return Route(method, re.compile(path.replace("*", "([^/]+)")), handler, status, public)


ROUTES = (
    _route("POST /projects", records.create_project, 201),
    _route("GET /projects", records.list_projects),
    _route("GET /projects/*", records.get_project),
    _route("PATCH /projects/*", records.update_project),
    _route("DELETE /projects/*", records.delete_project, 204),
    _route("POST /tasks", tasks.create_task, 201),
    _route("POST /tasks/create-batch", batches.create_tasks, 201),
    _route("POST /tasks/complete-batch", batches.complete_batch),
    _route("POST /tasks/settle", batches.settle),
    _route("GET /tasks", listing.list_tasks),
    _route("POST /tasks/claim-next", tasks.claim_next),
    _route("GET /tasks/*", tasks.get_task),
    _route("PATCH /tasks/*", tasks.update_task),
    _route("GET /tasks/*/attempts", tasks.list_attempts),
    _route("POST /tasks/*/claim", tasks.claim),
    _route("POST /tasks/*/heartbeat", tasks.heartbeat),
    _route("POST /tasks/*/complete", tasks.complete),
    _route("POST /tasks/*/fail", tasks.fail),
    _route("POST /tasks/*/block", tasks.block),
    _route("POST /tasks/*/release", tasks.release),
    _route("POST /tasks/*/cancel", tasks.cancel),
    _route("POST /tasks/*/retry", tasks.retry),
    _route("GET /gates", tasks.list_gates),
    _route("GET /gates/*", tasks.get_gate),
    _route("POST /gates/*/answer", tasks.answer_gate),
    _route("POST /agents", records.register_agent, 201),
    _route("GET /agents", records.list_agents),
    _route("GET /agents/*", records.get_agent),
    _route("DELETE /agents/*", records.remove_agent, 204),
    _route("POST /agents/*/heartbeat", records.agent_heartbeat),
    _route("POST /artifacts", files.upload, 201),
    _route("GET /artifacts", files.list_artifacts),
    _route("GET /artifacts/*", files.get_artifact),
    _route("GET /artifacts/*/content", files.get_content),
    _route("POST /sessions/*/turns", files.record_turn, 201),
    _route("GET /sessions/*/turns", files.list_turns),
    _route("GET /sessions", files.list_sessions),
    _route("POST /schedules", calendar.create_schedule, 201),
    _route("GET /schedules", calendar.list_schedules),
    _route("GET /schedules/*", calendar.get_schedule),
    _route("PATCH /schedules/*", calendar.update_schedule),
    _route("DELETE /schedules/*", calendar.delete_schedule, 204),
    _route("POST /schedules/*/run", calendar.run_schedule),
    _route("POST /usage", usage.record, 201),
    _route("GET /usage", usage.sum_usage),
    _route("POST /budgets", budgets.create_budget, 201),
    _route("GET /budgets", budgets.list_budgets),
    _route("GET /budgets/*", budgets.get_budget),
    _route("PATCH /budgets/*", budgets.update_budget),
    _route("DELETE /budgets/*", budgets.delete_budget, 204),
    _route("GET /system", stops.get_system),
    _route("POST /system/pause", stops.pause),
    _route("POST /system/resume", stops.resume),
    _route("POST /keys", access.create_key, 201),
    _route("GET /keys", access.list_keys),
    _route("GET /keys/self", access.whoami),
    _route("DELETE /keys/*", access.revoke_key, 204),
    _route("POST /logins", access.create_login, 201),
    _route("POST /logins/redeem", access.redeem_login, 201, public=True),
    _route("GET /events", access.list_events),
    _route("GET /stats", access.stats),
    _route("GET /health/ready", access.health, public=True),
    _route("GET /health/live", access.health, public=True),
)
