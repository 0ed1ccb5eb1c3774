"""What concerns the ledger as a whole: the emergency stop, retention, stored bytes that nobody owns.

Owns the tables claim_stop (with `ledger.usage`) and event_horizon. Start at `stops`.
"""
