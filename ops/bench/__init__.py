"""Measuring the ledger beside the queues that one would take instead, and killing it under load.

May import anything of `ops`, the wire types of `agentops`, and the peers (the dependency group `bench`).
It reaches the ledger only as a process over HTTP. Start at `ledger` (what is measured), then `stage`
(what it is measured on), then `contender` and its implementations in `ours` and `peers`.
"""
