"""A few words decide what vectors leave open."""

import pytest

from brain.offline.decisive import decided


@pytest.mark.parametrize(
    ("guessed", "said", "meant"),
    [
        ("create_task", "Kindly try the comparison of the offers once again", "retry_task"),
        ("create_task", "I would be grateful for a proper step-by-step plan for the concert", "plan"),
        ("create_task", "write me a shopping list, flour, eggs and stamps", "artifact"),
        ("artifact", "Earlier I mentioned a file number; be so good as to find it.", "search"),
        ("create_task", "Tell Katrin I'm out until Thursday.", "message_person"),
        ("create_task", "please mention in that task that two of us use wheelchairs", "change_task"),
        ("create_task", "draft the comparison of the offers", "create_task"),
        ("show_task", "what went wrong with the comparison again", "show_task"),
    ],
)
def test_turns_of_phrase_decide(guessed: str, said: str, meant: str) -> None:
    assert decided(guessed, said) == meant
