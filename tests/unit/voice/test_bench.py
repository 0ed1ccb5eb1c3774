"""What `cos bench voice` makes of what it heard and measured."""

import pytest

from ops.bench.voice import _bridged, _stages
from ops.bench.voice_caller import Overhearing
from ops.bench.voice_long import LongFigures, Third
from ops.phone_figures import STAGES, samples

METRICS = """
# TYPE cos_voice_stage_seconds histogram
cos_voice_stage_seconds_bucket{le="1.0",stage="brain"} 3.0
cos_voice_stage_seconds_bucket{le="+Inf",stage="brain"} 5.0
cos_voice_stage_seconds_count{stage="brain"} 5.0
cos_voice_stage_seconds_sum{stage="brain"} 4.5
cos_voice_stage_seconds_count{stage="vad"} 5.0
cos_voice_stage_seconds_sum{stage="vad"} 0.8
# TYPE cos_calls gauge
cos_calls 2.0
"""


def test_a_sentence_that_was_gone_on_with_is_one_turn() -> None:
    over = Overhearing()
    over.take("Call the", goes_on=False)
    over.take("Call the lumber.", goes_on=True)
    over.take("Call the plumber tomorrow.", goes_on=True)
    over.take("Thank you.", goes_on=False)
    assert over.turns == ["Call the plumber tomorrow.", "Thank you."]
    assert over.rejoined == 2


def test_stages_are_means_of_what_was_added_meanwhile() -> None:
    after = dict(samples(METRICS))
    before = {
        "cos_voice_stage_seconds_count{stage=brain}": 3.0,
        "cos_voice_stage_seconds_sum{stage=brain}": 3.5,
    }
    assert after["cos_calls"] == 2
    stages = _stages(before, after)
    assert list(stages) == list(STAGES)
    assert stages["brain"] == pytest.approx(500)
    assert stages["vad"] == pytest.approx(160)
    assert stages["tts"] == 0


def test_turns_whose_first_words_were_late_are_counted() -> None:
    assert _bridged(dict(samples(METRICS))) == 2
    assert _bridged({}) == 0


def third(**changes: float) -> Third:
    values = {"turns": 40, "unanswered": 0, "p50_ms": 500.0, "p95_ms": 600.0, "gateway_mb": 500.0}
    return Third(**{**values, "chief_mb": 200.0, "cpu": 0.1, "load": 1.0, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("last", "flat"),
    [
        ({}, True),
        ({"gateway_mb": 520.0, "p50_ms": 600.0}, True),
        ({"gateway_mb": 530.0}, False),
        ({"p50_ms": 640.0}, False),
        ({"unanswered": 1}, False),
    ],
)
def test_a_call_is_flat_when_its_end_is_like_its_beginning(last: dict[str, float], flat: bool) -> None:
    found = LongFigures(30, [third(), third(), third(**last)])
    assert found.flat is flat
    assert found.told().startswith("ok" if flat else "MISS")
