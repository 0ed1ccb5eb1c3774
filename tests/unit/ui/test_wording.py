"""Numbers and states in words."""

import pytest

from agentops.wire import Stats
from ui import strings, wording


@pytest.mark.parametrize(
    ("n_bytes", "words"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (15_886, "16 kB"),
        (1_234_567, "1.2 MB"),
        (5 * 10**12, "5000 GB"),
    ],
)
def test_sizes(n_bytes: int, words: str) -> None:
    assert wording.size(n_bytes) == words


def test_the_summary_leaves_out_what_is_not_there() -> None:
    stats = Stats(
        tasks={"in_progress": 1, "pending": 0}, agents_online=2, gates_open=0, oldest_pending_s=None
    )
    assert wording.summary(stats) == "1 running · 2 agents online"


@pytest.mark.parametrize(
    ("questions", "headline"),
    [
        (0, "Nothing needs you."),
        (1, "One thing needs you."),
        (2, "Two things need you."),
        (30, "30 things need you."),
    ],
)
def test_the_headline_says_how_much_needs_the_person(questions: int, headline: str) -> None:
    assert strings.needs_you(questions) == headline


@pytest.mark.parametrize("result", [None, {}, {"summary": 3}, {"summary": None}])
def test_a_result_without_words_says_nothing(result: dict[str, object] | None) -> None:
    assert wording.said_result(result) == ""
