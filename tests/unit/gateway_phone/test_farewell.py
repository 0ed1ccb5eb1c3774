"""What is a goodbye, and what only has one in it."""

import pytest

from gateway.phone.farewell import takes_leave


@pytest.mark.parametrize(
    "text",
    [
        "Goodbye.",
        "Bye-bye!",
        "Okay, thanks, bye.",
        "Thank you very much. That was all for now. Goodbye.",
        "No, that's it. Have a nice day, bye bye.",
        "You can hang up now, please.",
        "Good night, Chief.",
        "All right, talk to you later.",
    ],
)
def test_who_takes_their_leave_is_understood(text: str) -> None:
    assert takes_leave(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Thank you, that was all for now.",
        "Buy a goodbye card for Anna.",
        "Create a task to say goodbye to the team.",
        "Tell them goodbye from me.",
        "Don't hang up.",
        "Did you just say bye?",
        "Goodbye, and remind me to call the bank.",
        "See you is the name of the shop.",
    ],
)
def test_other_words_end_no_call(text: str) -> None:
    assert not takes_leave(text)
