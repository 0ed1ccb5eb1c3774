"""Telling the person what became of their tasks.

Owns the way from a ledger event to a notice in the session that asked. May import `gateway.session` and
agentops. Start with `notifier`; `wording` is what the person reads.
"""
