"""What a call leaves in the figures that Prometheus fetches."""

import pytest
from prometheus_client import generate_latest

from gateway.phone.lines import Lines
from gateway.phone.observing import Observing
from ops.phone_figures import STAGES, samples
from voice.measures import TurnTimes


class Grown:
    """How the process' figures have grown since."""

    def __init__(self) -> None:
        self._before = dict(samples(generate_latest().decode()))

    def __getitem__(self, name: str) -> float:
        now = dict(samples(generate_latest().decode()))
        return now[name] - self._before.get(name, 0)


@pytest.fixture
def grown() -> Grown:
    return Grown()


def test_each_stage_of_a_turn_and_its_whole_wait_are_measured(grown: Grown) -> None:
    times = TurnTimes(vad_s=0.16, stt_s=0.02, turn_s=0.12, brain_s=0.04, sentence_s=0.01, tts_s=0.05)
    Observing().turn_measured(times)
    assert [grown[f"cos_voice_stage_seconds_sum{{stage={one}}}"] for one in STAGES] == pytest.approx(
        [0.16, 0.02, 0.12, 0.04, 0.01, 0.05]
    )
    assert grown["cos_voice_to_voice_seconds_sum"] == pytest.approx(0.4)
    assert grown["cos_voice_to_voice_seconds_bucket{le=0.5}"] == 1
    assert grown["cos_voice_to_voice_seconds_bucket{le=0.3}"] == 0


def test_greetings_barge_ins_vendors_faults_and_ends_are_counted(grown: Grown) -> None:
    observing = Observing()
    observing.greeted(0.04)
    observing.interrupted(0.15)
    observing.vendor_failed("tts:cartesia")
    observing.call_ended("caller", 12)
    assert grown["cos_greeting_seconds_sum"] == pytest.approx(0.04)
    assert (grown["cos_barge_ins_total"], grown["cos_barge_in_seconds_count"]) == (1, 1)
    assert grown["cos_speech_vendor_errors_total{vendor=tts:cartesia}"] == 1
    assert grown["cos_calls_ended_total{by=caller}"] == 1


def test_calls_at_once_and_those_for_whom_there_was_no_line_are_counted(grown: Grown) -> None:
    lines = Lines(2)
    with lines.held_by("CA1"), lines.held_by("CA2"):
        assert dict(samples(generate_latest().decode()))["cos_calls"] == 2
        assert not lines.reserve("CA3")
    assert dict(samples(generate_latest().decode()))["cos_calls"] == 0
    assert grown["cos_calls_refused_total{why=busy}"] == 1
    lines.closing.set()
    assert not lines.reserve("CA4")
    assert grown["cos_calls_refused_total{why=closing}"] == 1
