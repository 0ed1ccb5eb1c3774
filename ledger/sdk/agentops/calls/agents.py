"""Agents: the workers that are there."""

from agentops.calls.base import Calls
from agentops.requests import path_of
from agentops.wire import Agent, AgentHeartbeat, AgentHeartbeatResult, NewAgent, Page


class AgentCalls(Calls):
    """`/agents`."""

    async def register_agent(self, agent: NewAgent, *, idempotency_key: str | None = None) -> Agent:
        """Register a worker, or change what an earlier registration of this name said."""
        return await self._transport.post("/agents", Agent, agent, key=idempotency_key)

    async def agent_heartbeat(
        self, name: str, beat: AgentHeartbeat, *, idempotency_key: str | None = None
    ) -> AgentHeartbeatResult:
        """Stay online and renew all leases at once; hear which are lost and which to stop.

        Raises:
            AgentNotFound: Register first.
        """
        path = path_of("agents", name, "heartbeat")
        return await self._transport.post(path, AgentHeartbeatResult, beat, key=idempotency_key)

    async def list_agents(self) -> list[Agent]:
        """All agents, online or not."""
        return await self._all("/agents", Page[Agent])

    async def get_agent(self, name: str) -> Agent:
        """One agent.

        Raises:
            AgentNotFound: None registered under this name.
        """
        return await self._transport.get(path_of("agents", name), Agent)

    async def remove_agent(self, name: str, *, idempotency_key: str | None = None) -> None:
        """Forget a worker, and end the keys of a specialist; any other that is still there registers again.

        Raises:
            AgentNotFound: None registered under this name.
        """
        await self._transport.delete(path_of("agents", name), key=idempotency_key)
