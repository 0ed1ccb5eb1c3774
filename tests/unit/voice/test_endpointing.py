"""How much patience a silence deserves."""

import pytest

from voice.endpointing import DEFAULT, silence_needed_s

SURE, UNSURE = 0.95, 0.1


@pytest.mark.parametrize(
    ("finished", "text", "needed_s"),
    [
        (SURE, "Please call the plumber.", DEFAULT.sure_s),
        (0.5, "Please call the plumber.", DEFAULT.likely_s),
        (UNSURE, "Please call the plumber.", DEFAULT.doubtful_s),
        (UNSURE, "Who is working on it?", DEFAULT.likely_s),
        (UNSURE, "Call the plumber and", DEFAULT.hanging_s),
        (SURE, "Call the plumber and", DEFAULT.hanging_s),
        (SURE, "than he was.", DEFAULT.doubtful_s),
        (UNSURE, "My number is four seven one", DEFAULT.listing_s),
        (SURE, "My number is four seven one", DEFAULT.likely_s),
        (UNSURE, "It is spelled b r", DEFAULT.listing_s),
        (UNSURE, "It is spelled S-M-I", DEFAULT.listing_s),
        (UNSURE, "M as in Mike", DEFAULT.listing_s),
        (SURE, "M as in Mike, E", DEFAULT.likely_s),
        (UNSURE, "First the letter to the bank", DEFAULT.listing_s),
        (SURE, "Buy it for Anna or I", DEFAULT.sure_s),
        (UNSURE, "", DEFAULT.doubtful_s),
    ],
)
def test_tone_and_words_together_decide(finished: float, text: str, needed_s: float) -> None:
    assert silence_needed_s(finished, text) == needed_s
