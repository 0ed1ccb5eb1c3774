"""People say yes and no in many ways."""

import pytest

from brain.offline.polarity import is_yes


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Aye, on ye go", True),
        ("yeah. no. yeah, do it", True),
        ("Absolutely, go for it.", True),
        ("No, thank you, on reflection I would rather keep it.", False),
        ("Naw naw, leave it be", False),
        ("find me a plumber", None),
        ("yes, but what does it cost?", None),
    ],
)
def test_a_yes_or_no_is_heard_in_whichever_words(said: str, meant: bool | None) -> None:
    assert is_yes(said) is meant
