"""Sentences that fit no template: what is asked for is done, what is only told is not."""

import pytest

from brain.offline.dialogue import Said
from brain.offline.misses import Misses
from brain.offline.mood import ACTING
from brain.offline.understanding import Understanding, Understood


def understood(text: str) -> Understood:
    return Understanding(Misses(None)).understand(Said(by_person=True, text=text))


@pytest.mark.parametrize(
    ("said", "intent"),
    [
        ("would one of your people find out which trains take bicycles", "create_task"),
        ("pull the plug on the newsletter, nobody reads it", "cancel_task"),
        ("that import that crashed, could you spin it up again", "retry_task"),
        ("are both of them busy or is one sitting about", "agents"),
        ("anything that needs a decision from me before lunch", "list_tasks"),
        ("let the lot of them carry on now", "resume_all"),
        ("the weekly report reminder, switch it off for now", "change_schedule"),
    ],
)
def test_a_wish_in_any_words_is_understood(said: str, intent: str) -> None:
    found = understood(said)
    assert (found.intent, found.certain) == (intent, True)


@pytest.mark.parametrize(
    "said",
    [
        "my neighbour Mr. Brandt has very kindly ordered the firewood already",
        "I did not ask you to order anything, I only asked what it costs",
        "leave the newsletter as is",
        "the roof stays the way it is",
        "if I ever take on a third van I'll need an office",
        "the plumber said he would come on Monday, and did he come",
    ],
)
def test_reports_refusals_and_what_is_supposed_do_nothing(said: str) -> None:
    found = understood(said)
    assert not (found.certain and found.intent in ACTING), found
