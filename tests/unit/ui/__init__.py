"""The panel's parts that need no browser and no ledger."""
