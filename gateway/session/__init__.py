"""The language of a conversation, and the stream that carries it.

Owns turns, reply chunks, replies and notices, and the durable stream between channels and brains.
Knows no channel and no ledger. Start with `turns`, then `stream`.
"""
