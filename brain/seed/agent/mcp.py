"""Tools of MCP servers, as the settings name them."""

import asyncio
import json
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import structlog

log = structlog.get_logger(__name__)

_MOST_TOOLS = 100


class McpServers:
    """The servers of one configuration file, started when the first task wants their tools.

    Their connections live in threads of their own (Strands' MCPClient) and are shared by all tasks.

    Args:
        config: A JSON file with `mcpServers`, as other programs use it; None: no servers.
    """

    def __init__(self, config: Path | None) -> None:
        self._config = config
        self._clients: list[Any] = []
        self._tools: list[Any] | None = None
        self._starting = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for client in self._clients:
            await asyncio.to_thread(client.stop, None, None, None)
        self._clients, self._tools = [], None

    async def tools(self) -> list[Any]:
        """Those of all servers that answer; one that does not is logged and left out."""
        if self._config is None:
            return []
        async with self._starting:
            if self._tools is None:
                self._tools = await asyncio.to_thread(self._start, self._config)
            return self._tools

    def _start(self, config: Path) -> list[Any]:
        from strands.tools.mcp import MCPClient

        try:
            servers = json.loads(config.expanduser().read_text("utf-8"))
            clients = MCPClient.load_servers(servers, continue_on_error=True, prefix_with_server_name=True)
        except (OSError, ValueError) as error:
            log.warning("mcp.unusable", config=str(config), error=str(error))
            return []
        return [tool for client in clients for tool in self._tools_of(client)][:_MOST_TOOLS]

    def _tools_of(self, client: Any) -> list[Any]:
        try:
            client.start()
            self._clients.append(client)
            return list(client.list_tools_sync())
        except Exception as error:
            # Whatever a stranger's server does wrong, the worker works without it.
            log.warning("mcp.server_failed", error=f"{type(error).__name__}: {error}")
            return []
