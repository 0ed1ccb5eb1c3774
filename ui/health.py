"""`/health/live` and `/health/ready`, for whoever supervises the process."""

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from agentops import AgentOpsClient
from agentops.errors import AgentOpsError


class HealthRoutes:
    """Alive while it answers; ready while the ledger does."""

    def __init__(self, ops: AgentOpsClient) -> None:
        self._ops = ops

    def routes(self) -> tuple[Route, ...]:
        """What to mount."""
        return (Route("/health/live", self.live), Route("/health/ready", self.ready))

    async def live(self, _: Request) -> JSONResponse:
        """The process answers."""
        return JSONResponse({"status": "ok", "checks": {}})

    async def ready(self, _: Request) -> JSONResponse:
        """The panel can show something."""
        try:
            ledger = (await self._ops.health()).status
        except AgentOpsError as error:
            ledger = error.code
        ok = ledger == "ok"
        return JSONResponse(
            {"status": "ok" if ok else "unavailable", "checks": {"ledger": ledger}}, 200 if ok else 503
        )
