"""Every route wants a key of the ledger, except those that say `opt={"scopes": None}`."""

from collections.abc import Sequence
from typing import Any

from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.handlers import BaseRouteHandler

from agentops.wire import Scope
from gateway.web.services import provide_services

SPEAK = (Scope.ADMIN,)
"""To say something is to act as the person."""
HEAR = (Scope.ADMIN, Scope.READER)


async def authenticated(
    connection: ASGIConnection[object, None, None, State], handler: BaseRouteHandler
) -> None:
    """A guard, so that it runs before the body is read.

    Raises:
        Unauthenticated: No good key came along.
        Forbidden: A key that may not do this.
    """
    scopes = handler.opt.get("scopes", SPEAK)
    if scopes is not None:
        await verified(connection, scopes)


async def verified(connection: ASGIConnection[Any, Any, Any, State], scopes: Sequence[Scope]) -> None:
    """The same, for a handler that has to refuse by itself, as one of a WebSocket has.

    Raises:
        Unauthenticated: No good key came along.
        Forbidden: A key that may not do this.
    """
    scheme, _, secret = connection.headers.get("authorization", "").partition(" ")
    services = provide_services(connection.app.state)
    await services.keys.verify(secret if scheme.lower() == "bearer" else "", scopes=scopes)
