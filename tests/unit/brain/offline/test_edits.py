"""What a sentence that fits no template says about a task."""

from datetime import datetime

import pytest

from brain.offline import edits

NOW = datetime.fromisoformat("2026-11-25T09:00:00+01:00")


@pytest.mark.parametrize(
    ("said", "priority"),
    [
        ("take the checkout page down to high, it's no fire any more", "high"),
        ("fence is not low anymore, put medium", "medium"),
        ("the brochure isn't so important, you can put it at the bottom", "low"),
        ("ask them for one with a fireplace too", None),
    ],
)
def test_a_priority_is_what_it_shall_be_and_not_what_it_was(said: str, priority: str | None) -> None:
    assert edits.priority_in(said) == priority


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("friday no matter what", "2026-11-27"),
        ("for thursday instead", "2026-11-26"),
        ("the letter is needed tomorrow not friday", "2026-11-26"),
    ],
)
def test_a_date_is_found_among_other_words(said: str, day: str) -> None:
    found = edits.due_in(said, NOW)
    assert found is not None
    assert found.date().isoformat() == day


def test_a_project_is_named_before_or_behind_the_word() -> None:
    assert edits.project_named("get rid of the Home project fully") == "Home"
    assert edits.project_in("move the laptops one into the website project i guess") == "website"
