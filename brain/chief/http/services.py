"""What the handlers need, made by `main`."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from agentops import KeyVerifier
from brain.chief.facts import Facts
from gateway.session.stream import SessionStream


@dataclass(frozen=True)
class ChatServices:
    """Shared by all requests."""

    stream: SessionStream
    keys: KeyVerifier
    default_session: str
    wait_s: float
    ready: Callable[[], Awaitable[dict[str, str]]]
    """Name of each dependency with `ok` or what is wrong."""
    facts: Facts
