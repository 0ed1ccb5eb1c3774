"""Arithmetic, percentages and units, from a sentence to a sentence. Start reading at `job`."""
