"""The HTTP application: routes under /api/v1, one exception map, OpenAPI at /api/v1/schema."""

from litestar import Litestar, Router
from litestar.datastructures import State
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, SecurityScheme

from ledger.http.auth import authenticated
from ledger.http.lingering import Lingering
from ledger.http.problems import EXCEPTION_HANDLERS
from ledger.http.routes import (
    access,
    agents,
    artifacts,
    calls,
    events,
    gates,
    health,
    metrics,
    people,
    projects,
    schedules,
    sessions,
    skills,
    system,
    tasks,
    usage,
)
from ledger.http.schema import StrictJson
from ledger.http.services import Services, provide_caller, provide_services
from ledger.watching.requests import Timing

PREFIX = "/api/v1"
MAX_JSON_BYTES = 4_000_000


def create_app(services: Services) -> Litestar:
    """Everything that is served; it opens and closes nothing itself."""
    api = Router(
        PREFIX,
        route_handlers=[
            projects.ROUTER,
            tasks.ROUTER,
            gates.ROUTER,
            agents.ROUTER,
            artifacts.ROUTER,
            events.ROUTER,
            sessions.ROUTER,
            sessions.TURNS,
            calls.ROUTER,
            access.KEYS,
            access.LOGINS,
            people.PEOPLE,
            people.CONTACTS,
            people.PAIRINGS,
            skills.ROUTER,
            schedules.ROUTER,
            usage.USAGE,
            usage.BUDGETS,
            system.ROUTER,
            health.PROBES,
            health.STATS,
            metrics.ROUTER,
        ],
        guards=[authenticated],
        security=[{"key": []}],
    )
    return Litestar(
        route_handlers=[api, health.PROBES],
        dependencies={"services": Provide(provide_services), "caller": Provide(provide_caller)},
        exception_handlers=EXCEPTION_HANDLERS,
        openapi_config=OpenAPIConfig(
            title="Chief of Staff ledger",
            version="1",
            path=f"{PREFIX}/schema",
            use_handler_docstrings=True,
            components=Components(security_schemes={"key": SecurityScheme(type="http", scheme="bearer")}),
            render_plugins=[StrictJson(path="/openapi.json")],
        ),
        middleware=[Timing, Lingering],
        request_max_body_size=MAX_JSON_BYTES,
        state=State({"services": services}),
        logging_config=None,
    )
