"""A sentence as the brain reads it, in whichever way it came: one spelling, no fillers, times in figures."""

from brain.offline import grammar, spoken
from brain.offline.due import written_clock


def as_heard(text: str) -> str:
    """What templates are matched with, and what the examples are learned as."""
    return grammar.normalise(spoken.tidy(grammar.normalise(written_clock(text))))
