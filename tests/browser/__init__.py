"""The panel in a real Chromium, over a real ledger and a real gateway."""
