"""`python -m agentops.mcp`: the ledger as an MCP server, over stdio or with `--http`."""

import asyncio
import logging
import sys

from agentops.mcp.serving import serve_http, serve_stdio
from agentops.mcp.settings import McpSettings


async def serve(settings: McpSettings) -> None:
    """Serve until stdin ends or a signal comes."""
    if settings.http:
        await serve_http(settings.ledger_url, host=settings.host, port=settings.port)
    else:
        await serve_stdio(settings.ledger_url, settings.ledger_api_key or "")


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    asyncio.run(serve(McpSettings.read()))
