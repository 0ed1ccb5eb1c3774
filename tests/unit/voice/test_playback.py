"""What was really heard, by the clock and by the line's marks."""

import pytest

from voice.pipeline.playback import Playback, Sentence


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def playback(clock: Clock) -> Playback:
    return Playback(clock)


def say(playback: Playback, number: int, text: str, seconds: float, *, filler: bool = False) -> None:
    playback.give(Sentence(number, text, text, filler))
    playback.sent(number, seconds)
    playback.completed(number)


def test_what_was_played_was_heard(playback: Playback) -> None:
    say(playback, 1, "One.", 1)
    say(playback, 2, "Two.", 1)
    assert not playback.idle.is_set()
    playback.played(2)
    assert playback.idle.is_set()
    assert playback.take_heard() == ("One. Two.", False)
    assert playback.take_heard() == ("", False)


def test_a_cut_leaves_the_words_that_were_played(playback: Playback, clock: Clock) -> None:
    say(playback, 1, "One.", 1)
    say(playback, 2, "two three four five six", 2)
    clock.now += 2
    playback.cut()
    assert playback.take_heard() == ("One. two three", True)
    assert playback.idle.is_set()


def test_what_was_cut_off_can_be_said_again(playback: Playback, clock: Clock) -> None:
    say(playback, 1, "One.", 1)
    say(playback, 2, "two three four", 2)
    clock.now += 1.5
    playback.cut()
    assert playback.left == 1
    assert [one.id for one in playback.resume()] == [2]
    assert not playback.idle.is_set()
    say(playback, 3, "two three four", 2)
    playback.played(3)
    assert playback.idle.is_set()
    assert playback.take_heard() == ("One. two three four", False)


def test_a_mark_after_the_cut_says_nothing(playback: Playback) -> None:
    say(playback, 1, "One two three four.", 2)
    playback.cut()
    playback.played(1)
    assert playback.take_heard() == ("", True)


def test_fillers_are_no_part_of_what_was_said(playback: Playback) -> None:
    say(playback, 1, "One moment.", 1, filler=True)
    say(playback, 2, "Done.", 1)
    playback.played(2)
    assert playback.take_heard() == ("Done.", False)


def test_a_pause_in_the_sound_is_not_counted_as_played(playback: Playback, clock: Clock) -> None:
    playback.give(Sentence(1, "aaaa bbbb cccc dddd", "aaaa bbbb cccc dddd"))
    clock.now += 5
    playback.sent(1, 2)
    playback.completed(1)
    clock.now += 1
    playback.cut()
    assert playback.take_heard() == ("aaaa bbbb", True)


def test_less_than_a_word_is_hardly_heard(playback: Playback, clock: Clock) -> None:
    playback.give(Sentence(1, "One two three.", "One two three."))
    assert playback.hardly_heard
    playback.sent(1, 2)
    clock.now += 0.3
    assert playback.hardly_heard
    playback.cut()
    assert playback.hardly_heard
    playback.take_heard()
    say(playback, 2, "One two three.", 2)
    clock.now += 1
    assert not playback.hardly_heard
    playback.cut()
    assert not playback.hardly_heard


def test_a_sentence_without_sound_was_not_heard(playback: Playback) -> None:
    playback.give(Sentence(1, "One.", "One."))
    playback.failed(1)
    assert playback.idle.is_set()
    assert playback.take_heard() == ("", False)


def test_what_a_line_without_marks_has_played_is_overdue(playback: Playback, clock: Clock) -> None:
    say(playback, 1, "One.", 1)
    assert playback.overdue(2) is None
    clock.now += 4
    assert playback.overdue(2) == 1


def test_what_is_ahead_runs_off_with_time(playback: Playback, clock: Clock) -> None:
    say(playback, 1, "One.", 1)
    assert playback.ahead_s == pytest.approx(1)
    clock.now += 3
    assert playback.ahead_s == 0
