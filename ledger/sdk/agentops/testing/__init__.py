"""A ledger in memory, for tests: `FakeLedger().client()` is a client like any other.

It passes the same conformance suite as the real ledger, in the nouns that workers and their callers use:
projects, tasks, claims, gates, agents, artifacts, events, conversations, keys. May import: the rest of
`agentops`. Start reading at `ledger`, then `routes`, then `life`.
"""

from agentops.testing.ledger import FakeLedger

__all__ = ["FakeLedger"]
