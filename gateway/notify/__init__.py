"""Telling people what became of their tasks, when and how they want to hear of it.

Owns the way from a ledger event to a notice: whom it concerns (`audience`), what their rules say
(`planning`), what waits (`holding`, `timers`), what is asked again (`ladder`), the `briefs`, the words
(`wording`). May import `gateway.session`, `gateway.identity`, `gateway.outbound` and agentops. Start with
`notifier`.
"""
