"""The ledger as each signed-in person may use it: one client for each session, opened when first needed."""

from collections import OrderedDict

from agentops import AgentOpsClient
from ui.errors import NotSignedIn
from ui.sessions import SessionStore

MAX_CLIENTS = 20


class Rights:
    """Clients by session; the longest-unused is closed beyond `MAX_CLIENTS`."""

    def __init__(self, ledger_url: str, sessions: SessionStore) -> None:
        self._ledger_url = ledger_url
        self._sessions = sessions
        self._clients: OrderedDict[str, AgentOpsClient] = OrderedDict()

    async def client(self, session_id: str) -> AgentOpsClient:
        """The client that acts with this session's key.

        Raises:
            NotSignedIn: the session has ended.
        """
        session = self._sessions.get(session_id)
        if session is None:
            await self.close(session_id)
            raise NotSignedIn
        if session_id not in self._clients:
            self._clients[session_id] = AgentOpsClient(self._ledger_url, session.secret)
        self._clients.move_to_end(session_id)
        if len(self._clients) > MAX_CLIENTS:
            await self.close(next(iter(self._clients)))
        return self._clients[session_id]

    def key(self, session_id: str) -> str:
        """The key of this session, for the gateway.

        Raises:
            NotSignedIn: the session has ended.
        """
        session = self._sessions.get(session_id)
        if session is None:
            raise NotSignedIn
        return session.secret

    async def close(self, session_id: str) -> None:
        """Drop a session's connections."""
        client = self._clients.pop(session_id, None)
        if client:
            await client.aclose()

    async def aclose(self) -> None:
        """Drop all connections."""
        for session_id in list(self._clients):
            await self.close(session_id)
