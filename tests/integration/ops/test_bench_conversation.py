"""The benchmark of the conversation runs and says what it measured."""

import math

import pytest

from ops.bench import histograms, telegram
from ops.bench.conversation import run


async def test_a_short_run_measures_every_stretch_of_the_way() -> None:
    said: list[str] = []
    figures = await run(chats=3, turns_each=3, pause_s=0.01, say=said.append)
    assert (figures.chats, figures.turns) == (3, 9)
    assert 0 < figures.append.p50_ms <= figures.to_handler.max_ms
    assert figures.to_channel.p50_ms > 0
    assert len(said) == 4


def test_a_quantile_lies_within_its_bucket_in_proportion() -> None:
    buckets = {0.005: 50.0, 0.01: 90.0, 0.02: 100.0, math.inf: 100.0}
    assert histograms.quantile(buckets, 0.5) == pytest.approx(0.005)
    assert histograms.quantile(buckets, 0.7) == pytest.approx(0.0075)
    assert histograms.quantile(buckets, 0.99) == pytest.approx(0.019)
    assert histograms.quantile({**buckets, math.inf: 200.0}, 0.99) == 0.02, "beyond the last bound"
    assert histograms.quantile({}, 0.99) == 0.0


@pytest.mark.long
async def test_a_whole_gateway_is_measured_in_both_modes() -> None:
    said: list[str] = []
    found = await telegram.run(chats=3, each=4, say=said.append)
    assert [one.mode for one in found] == ["polling", "webhook"]
    for one in found:
        assert one.received_to_stream.messages == one.ready_to_request.messages == 12
        assert 0 < one.received_to_stream.p50_ms <= one.received_to_stream.p99_ms
        assert 0 < one.ready_to_request.p50_ms <= one.ready_to_request.p99_ms
    assert len(said) == 2
