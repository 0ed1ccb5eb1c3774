"""What a request may use: made once by `ledger.main`, handed to every handler."""

from dataclasses import dataclass
from typing import Any

from litestar import Request, WebSocket
from litestar.connection import ASGIConnection
from litestar.datastructures import State

from ledger.access.keys import Keyring
from ledger.artifacts.store import ArtifactStore
from ledger.caller import Caller
from ledger.engine import LedgerEngine
from ledger.events.feed import Feed
from ledger.events.wake import Wake
from ledger.settings import LedgerSettings

HttpRequest = Request[None, None, State]
Socket = WebSocket[None, None, State]
Connection = ASGIConnection[Any, None, None, State]


@dataclass(frozen=True, slots=True)
class Services:
    """The process's parts."""

    settings: LedgerSettings
    db: LedgerEngine
    keyring: Keyring
    store: ArtifactStore
    feed: Feed
    wake: Wake


async def provide_services(request: HttpRequest) -> Services:
    """For handlers that ask for `services`."""
    return services_of(request)


async def provide_caller(request: HttpRequest) -> Caller:
    """For handlers that ask for `caller`: the guard has put it there."""
    caller: Caller = request.scope["state"]["caller"]
    return caller


def services_of(connection: Connection) -> Services:
    """The services of the application that serves this connection."""
    services: Services = connection.app.state["services"]
    return services
