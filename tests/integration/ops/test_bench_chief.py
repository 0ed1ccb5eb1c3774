"""The benchmark of the chief runs and says what it measured."""

import pytest

from ops.bench.chief import run


@pytest.mark.long
async def test_a_short_run_measures_a_turn_and_a_stop_and_mixes_nothing_up() -> None:
    said: list[str] = []
    figures = await run(sessions=3, turns_each=3, pause_s=0.01, stops=2, say=said.append)
    assert (figures.sessions, figures.turns, figures.mixed) == (3, 9, 0)
    assert 0 < figures.overhead.p50_ms <= figures.overhead.max_ms
    assert figures.cpu_ms > 0
    assert figures.stop.p50_ms > 0
    assert len(said) == 4
