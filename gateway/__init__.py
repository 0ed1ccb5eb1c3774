"""Between people and brains: the channels, the session stream, and what is told unasked.

Owns every way in and out of a conversation. May import voice (for live calls and voice notes) and agentops,
never a brain and never the ledger. Start with `session.turns`, then `main`, which puts it all together.
"""
