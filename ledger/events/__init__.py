"""The event log: cursor and filters (`log`), what is no longer kept (`horizon`), the live stream (`feed`),
writing (`telling`, `outbox`), Redis as a wake-up (`wake`), the move to another cluster
(`rebase`).
"""
