"""When speech begins and pauses, from likelihoods alone."""

from voice.gate import OVER_THE_VOICE, QUIET, Edge, SpeechGate

YES, NO = 0.9, 0.05


def edges(gate: SpeechGate, likelihoods: list[float]) -> list[Edge]:
    return [edge for one in likelihoods if (edge := gate.hear(one)) is not None]


def test_speech_begins_after_a_few_windows_and_stops_after_a_pause() -> None:
    heard = [NO] * 5 + [YES] * 10 + [NO] * 10
    assert edges(SpeechGate(), heard) == [Edge.BEGAN, Edge.PAUSED, Edge.STOPPED]


def test_a_click_is_no_speech() -> None:
    assert edges(SpeechGate(), [NO, YES, NO, NO, YES, YES, NO, NO]) == []


def test_one_weak_window_inside_a_word_does_not_begin_the_count_anew() -> None:
    assert edges(SpeechGate(), [YES, YES, NO, YES, YES]) == [Edge.BEGAN]


def test_a_breath_is_told_as_such() -> None:
    heard = [YES] * 5 + [NO] * QUIET.pause_windows + [YES] * 3
    assert edges(SpeechGate(), heard) == [Edge.BEGAN, Edge.PAUSED, Edge.WENT_ON]


def test_a_soft_syllable_is_no_pause() -> None:
    assert edges(SpeechGate(), [YES] * 5 + [0.4] * 10) == [Edge.BEGAN]


def test_after_a_stop_speech_begins_anew() -> None:
    heard = [YES] * 5 + [NO] * 8 + [YES] * 5
    assert edges(SpeechGate(), heard) == [Edge.BEGAN, Edge.PAUSED, Edge.STOPPED, Edge.BEGAN]


def test_over_the_voice_it_takes_more() -> None:
    gate = SpeechGate()
    gate.thresholds = OVER_THE_VOICE
    assert edges(gate, [0.6] * 20) == []
    assert edges(gate, [YES] * OVER_THE_VOICE.begin_windows) == [Edge.BEGAN]
