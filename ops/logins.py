"""Links that log the person in to the panel. A module of its own: what makes one needs no launcher."""

from agentops import AgentOpsClient
from agentops.wire import NewLogin

LOGIN_VALID_S = 3600


async def login_url(ledger: AgentOpsClient, panel: str) -> str:
    """A link that logs the person in, once."""
    login = await ledger.create_login(NewLogin(expires_in_s=LOGIN_VALID_S))
    return f"{panel}/login?token={login.token}"
