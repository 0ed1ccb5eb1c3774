"""voice/engines/phrasing.txt: how things are put to an assistant, from the offline brain's examples.

The two may not import each other: the brain is above the voice.
"""

from brain.offline.learning import read_examples
from voice.engines.phrasing import pairs


def document() -> str:
    """Two words and what the pair is worth, line by line."""
    found = pairs(sentence for _, sentence in read_examples())
    return "".join(f"{word} {following} {worth:.1f}\n" for word, following, worth in found)
