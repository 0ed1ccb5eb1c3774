"""Putting the routes together. And the probes."""

from collections.abc import Sequence

from litestar import Litestar, Response, Router, get
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.handlers import BaseRouteHandler

from agentops import KeyVerifier
from agentops.keys import bearer
from agentops.wire import Scope
from brain.chief.http.chat import chat, chat_stream
from brain.chief.http.completions import completions, models
from brain.chief.http.facts import add_fact, forget_fact, list_facts
from brain.chief.http.problems import respond
from brain.chief.http.services import ChatServices
from brain.chief.http.watching import WATCH, metrics

_MAX_BODY_BYTES = 1_000_000

Connection = ASGIConnection[BaseRouteHandler, object, object, State]


def create_app(services: ChatServices) -> Litestar:
    """Everything that is served; it opens and closes nothing itself."""
    talking = Router("/", route_handlers=[chat, chat_stream, completions, models], guards=[admins_only])
    knowing = Router("/", route_handlers=[list_facts, add_fact, forget_fact], guards=[admins_only])
    watching = Router("/", route_handlers=[metrics], guards=[watchers_only])
    return Litestar(
        route_handlers=[talking, knowing, watching, live, ready],
        dependencies={"services": Provide(lambda: services, sync_to_thread=False)},
        exception_handlers={Exception: respond},
        state=State({"keys": services.keys}),
        request_max_body_size=_MAX_BODY_BYTES,
        openapi_config=None,
        logging_config=None,
    )


async def admins_only(connection: Connection, handler: BaseRouteHandler) -> None:
    """Guard: only a key that may act may talk to somebody who acts."""
    await _verified(connection, (Scope.ADMIN,))


async def watchers_only(connection: Connection, handler: BaseRouteHandler) -> None:
    """Guard: a reader may look, and so may who may act."""
    await _verified(connection, WATCH)


async def _verified(connection: Connection, scopes: Sequence[Scope]) -> None:
    verifier: KeyVerifier = connection.app.state["keys"]
    await verifier.verify(bearer(connection.headers.get("authorization", "")), scopes=scopes)


@get("/health/live")
async def live() -> dict[str, str]:
    """The process runs."""
    return {"status": "ok"}


@get("/health/ready")
async def ready(services: NamedDependency[ChatServices]) -> Response[dict[str, object]]:
    """Turns can be answered."""
    checks = await services.ready()
    fine = all(state == "ok" for state in checks.values())
    body: dict[str, object] = {"status": "ok" if fine else "unavailable", "checks": checks}
    return Response(body, status_code=200 if fine else 503)


__all__ = ["ChatServices", "create_app"]
