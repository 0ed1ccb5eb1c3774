"""What a request may use: made once by `ledger.main`, handed to every handler."""

from dataclasses import dataclass
from typing import Any

from litestar import Request, WebSocket
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.di import NamedDependency

from ledger.access.keys import Keyring
from ledger.access.limits import RateLimits
from ledger.artifacts.store import ArtifactStore
from ledger.caller import Caller
from ledger.engine import LedgerEngine
from ledger.events.feed import Feed
from ledger.events.wake import Wake
from ledger.settings import LedgerSettings
from ledger.together import Together
from ledger.watching.requests import Counted
from ledger.watching.state import State as WorkState

HttpRequest = Request[None, None, State]
Socket = WebSocket[None, None, State]
Connection = ASGIConnection[Any, None, None, State]


@dataclass(frozen=True, slots=True)
class Services:
    """The process's parts."""

    settings: LedgerSettings
    db: LedgerEngine
    together: Together
    keyring: Keyring
    store: ArtifactStore
    feed: Feed
    wake: Wake
    limits: RateLimits
    counted: Counted
    state: WorkState


async def provide_services(request: HttpRequest) -> Services:
    """For handlers that ask for `services`."""
    return services_of(request)


async def provide_caller(request: HttpRequest, services: NamedDependency[Services]) -> Caller:
    """For handlers that ask for `caller`: the guard has put it there.

    It asks for `services` only to come behind them: Litestar runs dependencies side by side, in a group
    of tasks, unless one waits for the other.
    """
    caller: Caller = request.scope["state"]["caller"]
    return caller


def header_of(connection: Connection, name: bytes) -> str | None:
    """One header, by its name in lower case, without making an object of all."""
    for known, value in connection.scope["headers"]:
        if known == name:
            return value.decode("latin-1")
    return None


def services_of(connection: Connection) -> Services:
    """The services of the application that serves this connection."""
    services: Services = connection.app.state["services"]
    return services
