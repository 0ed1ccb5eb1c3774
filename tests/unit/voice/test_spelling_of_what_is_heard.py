"""What the local recogniser writes as its books do is read as people write today."""

import pytest

from voice.engines.moonshine import as_written_today


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("\"'Tell Anna that the meeting starts at ten.'", "Tell Anna that the meeting starts at ten."),
        ("\u201cTo-morrow\u201d", "Tomorrow"),
        ("The parents' evening is to-night.", "The parents' evening is tonight."),
        (" ", ""),
    ],
)
def test_quotation_marks_around_it_and_old_spelling_go(written: str, read: str) -> None:
    assert as_written_today(written) == read
