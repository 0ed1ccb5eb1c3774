"""A task done by a model: it plans, acts with tools, checks its work, and finishes.

Owns the loop (`thinking`), what one attempt works with (`desk`), what outlives an attempt (`memory`),
what it may cost (`spending`) and the tools (`tools`, put together in `toolbox`). May import:
`brain.seed`, `brain.models`, agentops. Nothing here is imported before a model has a task to do: it is heavy.
Start reading at `thinking`.
"""
