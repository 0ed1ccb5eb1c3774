"""Who is speaking, and what they may do.

Owns the way from a channel's address to a person of the ledger, their session and their rights. Nobody is the
default: who is not found may do nothing. May import `gateway.session`'s names and agentops. Start with
`directory`; `rights` is the table.
"""
