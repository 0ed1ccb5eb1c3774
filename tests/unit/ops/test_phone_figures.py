"""What `cos call` makes of a gateway's clocks, of a recording's edges, and what it prints."""

import os
from pathlib import Path

import pytest

from ops.cli.phone_call import called_at, print_call
from ops.errors import NotRunning
from ops.phone_calling import Called, Said
from ops.phone_figures import STAGES, Measured, Stages, measured
from ops.phone_line import FRAME_BYTES, SILENCE
from ops.phone_waves import silence_around
from ops.runstate import Home, Running, RunState
from ops.settings import OpsSettings

SECONDS = dict(zip(STAGES, (0.16, 0.02, 0.12, 0.04, 0.01, 0.05), strict=True))
ONE = Stages(**{f"{name}_s": seconds for name, seconds in SECONDS.items()}, voice_to_voice_s=0.4)


def figures(turns: int, *, calls: float = 1) -> dict[str, float]:
    """A gateway that has measured so many turns, each alike."""
    name = "cos_voice_stage_seconds"
    stages = {f"{name}_sum{{stage={stage}}}": turns * s for stage, s in SECONDS.items()}
    counts = {f"{name}_count{{stage={stage}}}": float(turns) for stage in STAGES}
    whole = {"cos_voice_to_voice_seconds_count": turns, "cos_voice_to_voice_seconds_sum": turns * 0.4}
    return {**stages, **counts, **whole, "cos_calls": calls}


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        (figures(3), figures(4), Measured(1, ONE)),
        (figures(3), figures(5), Measured(2, ONE)),
        (figures(3), figures(3), Measured(0, None)),
        (None, figures(3), None),
        (figures(3), None, None),
        (figures(3), figures(4, calls=2), None),
    ],
)
def test_only_what_this_call_has_added_is_told(
    before: dict[str, float] | None, after: dict[str, float] | None, found: Measured | None
) -> None:
    assert measured(before, after) == found


def test_a_recordings_silent_edges_are_no_part_of_the_wait() -> None:
    loud = b"\x00" * FRAME_BYTES
    assert silence_around(SILENCE * 5 + loud * 3 + SILENCE * 10) == pytest.approx((0.1, 0.2))
    assert silence_around(loud + loud[:10]) == pytest.approx((0, 0.02))
    assert silence_around(SILENCE * 3) == (0, 0)


def test_the_stages_of_each_turn_are_printed_and_blanks_are_explained(
    capsys: pytest.CaptureFixture[str],
) -> None:
    said = Said("question.wav", 1.2, 0.52, turns=1, stages=ONE)
    found = Called("CA1", 0.06, [said], ["person: Hello"], "heard.wav", 7.0, turns=1, stages=ONE)
    print_call(found)
    told = capsys.readouterr().out
    assert "question.wav" in told
    assert "520" in told
    assert [word for word in told.split() if word.isdigit()][:8] == [
        *("520", "160", "20", "120", "40", "10", "50", "400")
    ]
    assert "Greeted 60 ms after the start" in told
    print_call(Called("CA1", None, [Said("question.wav", 1.2, None)], [], "heard.wav", 7.0))
    told = capsys.readouterr().out
    assert "is not known" in told
    assert "Greeted never" in told


def test_what_runs_over_the_home_is_called_wherever_it_listens(tmp_path: Path) -> None:
    ledger, chief, gateway, panel = (f"http://127.0.0.1:{port}" for port in range(9400, 9404))
    Home(tmp_path).write(RunState(Running.of(os.getpid()), panel, ledger, chief, gateway, ready=True))
    settings = OpsSettings.model_validate({"home": tmp_path, "ledger_api_key": None})
    remote, called = called_at(settings, "")
    assert remote
    assert (remote.ledger, called) == (ledger, gateway)


def test_a_gateway_elsewhere_is_called_without_a_key_to_it(tmp_path: object) -> None:
    settings = OpsSettings.model_validate({"home": tmp_path, "ledger_api_key": None})
    assert called_at(settings, "https://phone.example/") == (None, "https://phone.example")
    with pytest.raises(NotRunning):
        called_at(settings, "")
