"""Every route wants a key, except those that say `opt={"public": True}`."""

import re
from typing import Any

from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.handlers import BaseRouteHandler

from ledger.caller import Caller
from ledger.http.services import Connection, header_of, services_of

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", re.ASCII)


async def authenticated(
    connection: ASGIConnection[Any, None, None, State], handler: BaseRouteHandler
) -> None:
    """A guard, so that it runs before the body is read.

    Raises:
        Unauthenticated: no good key came along.
    """
    if handler.opt.get("public"):
        return
    connection.scope["state"]["caller"] = await caller_of(connection)


async def caller_of(connection: Connection) -> Caller:
    """Who is behind a connection.

    Raises:
        Unauthenticated: no good key came along.
        RateLimited: this key has asked too often.
    """
    services = services_of(connection)
    key = await services.keyring.verify(header_of(connection, b"authorization"))
    await services.limits.spend(key.id)
    traceparent = header_of(connection, b"traceparent") or ""
    return Caller(
        db=services.db,
        key_id=key.id,
        name=key.name,
        scope=key.scope,
        traceparent=traceparent if _TRACEPARENT.fullmatch(traceparent) else None,
        together=services.together,
    )
