"""What the routes work with, put together by `gateway.main`."""

import asyncio
from dataclasses import dataclass

from litestar import Request
from litestar.datastructures import State
from redis.asyncio import Redis

from agentops import AgentOpsClient
from agentops.keys import KeyVerifier
from gateway.session.stream import SessionStream
from gateway.web.readiness import Readiness

HttpRequest = Request[object, None, State]


@dataclass(frozen=True, slots=True)
class Services:
    """One for each process."""

    stream: SessionStream
    ops: AgentOpsClient
    keys: KeyVerifier
    readiness: Readiness
    max_upload_bytes: int
    redis: Redis
    """For what is only looked at: metrics, deliveries, escalations."""
    closing: asyncio.Event
    """Set when the process stops: event streams end then, instead of being cut off."""
    ping_s: float = 15.0
    """How often a silent event stream says that it is alive."""


def provide_services(state: State) -> Services:
    """For Litestar's dependency injection."""
    services: Services = state["services"]
    return services
