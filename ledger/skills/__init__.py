"""The registry of skills. Start at `registry`."""
