"""What stands in for the network between the client and a ledger."""

from collections.abc import AsyncGenerator, Mapping
from typing import Protocol

import httpx

from agentops.wire import Event


class Link(Protocol):
    """A way to a ledger that is no socket; `agentops.testing.FakeLedger` is one."""

    @property
    def http(self) -> httpx.AsyncBaseTransport:
        """Takes requests."""

    def events(self, query: Mapping[str, str], headers: Mapping[str, str]) -> AsyncGenerator[Event, None]:
        """What the WebSocket `/events/stream` sends, until the connection ends.

        Raises:
            AgentOpsError: The ledger refuses.
        """
