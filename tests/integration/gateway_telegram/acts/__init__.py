"""What people do in Telegram that changes the ledger. The tests of a module share one ledger."""
