"""What the MCP server is told by the environment and the command line."""

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

DEFAULT_URL = "http://127.0.0.1:8700"


@dataclass(frozen=True, slots=True)
class McpSettings:
    """Read once at start."""

    ledger_url: str
    """LEDGER_URL."""
    ledger_api_key: str | None
    """LEDGER_API_KEY: what the agent behind stdin may do. Over HTTP each caller brings its own."""
    http: bool
    """Serve HTTP instead of stdin and stdout."""
    host: str
    port: int

    @classmethod
    def read(
        cls, arguments: Sequence[str] | None = None, told: Mapping[str, str] = os.environ
    ) -> "McpSettings":
        """From the command line and the environment."""
        parser = argparse.ArgumentParser("python -m agentops.mcp", description=__doc__)
        parser.add_argument("--http", action="store_true", help="serve streamable HTTP under /mcp")
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
        parser.add_argument("--port", type=int, default=8704, help="port to listen on")
        given = parser.parse_args(arguments)
        settings = cls(
            told.get("LEDGER_URL", DEFAULT_URL),
            told.get("LEDGER_API_KEY"),
            given.http,
            given.host,
            given.port,
        )
        if not settings.http and not settings.ledger_api_key:
            parser.error("set LEDGER_API_KEY to a key of the ledger")
        return settings
