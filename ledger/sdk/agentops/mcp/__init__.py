"""The ledger's tasks as an MCP server, so that any agent may read and create work: `python -m agentops.mcp`.

Needs the extra `agentops-sdk[mcp]`; nothing else of this package imports it. May import: the rest of
`agentops`, mcp, starlette, uvicorn. Start reading at `tools`, then `server`.
"""
