"""The conversation over HTTP: post a turn, hear the session by server-sent events.

Owns no state. May import `gateway.session` and agentops. Start with `app`, then `routes`.
"""
