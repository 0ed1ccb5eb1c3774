"""Words that mean "go on" and not "stop". Pure."""

import re

_ALWAYS = frozenset({"mm", "mhm", "mmhm", "hm", "hmm", "uh", "um", "ah", "oh", "huh"})
_MIDWAY = frozenset(
    {"yeah", "yes", "yep", "ok", "okay", "right", "sure", "cool", "good", "great", "i", "see", "got", "it"}
)
_WORDS = re.compile(r"[\w']+")
_MOST = 3


def only_listening(text: str, sentences_left: int) -> bool:
    """Whether the caller only showed that they listen.

    Args:
        text: What they said over the voice.
        sentences_left: How many sentences were still to be said: "yes" in the middle of a speech is a nod,
            "yes" over its last sentence may be an answer.
    """
    words = _WORDS.findall(text.lower().replace("-", " "))
    if not words or len(words) > _MOST:
        return not words
    nods = _ALWAYS | _MIDWAY if sentences_left > 1 else _ALWAYS
    return all(word in nods for word in words)
