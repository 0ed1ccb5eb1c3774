"""What the ledger can be watched by: requests (`requests`), the state of the work (`state`), one page of it
all for Prometheus (`page`). Nothing here changes anything.
"""
