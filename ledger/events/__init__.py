"""The event log: its cursor and filters (`log`), the live stream (`feed`), Redis as a wake-up (`wake`)."""
