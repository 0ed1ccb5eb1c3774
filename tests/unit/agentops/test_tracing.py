"""Calls carry the trace that they are made in."""

import asyncio

import pytest

from agentops.tracing import traced
from tests.unit.agentops import records
from tests.unit.agentops.fixtures import client
from tests.unit.agentops.scripted_http import Answer, scripted

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


async def test_a_call_carries_the_trace_around_it_and_tasks_inherit_it() -> None:
    async with scripted(Answer(body=records.key())) as ledger, client(ledger.url) as ops:
        await ops.whoami()
        with traced(TRACE):
            await ops.whoami()
            await asyncio.create_task(ops.whoami())
            with traced(None):
                await ops.whoami()
        await ops.whoami()
    carried = [asked.headers.get("traceparent") for asked in ledger.asked]
    assert carried == [None, TRACE, TRACE, None, None]


@pytest.mark.parametrize("wrong", ["", "00-short", TRACE.upper(), TRACE + "\r\nX-Evil: 1", "ab" * 30])
def test_nonsense_is_not_carried(wrong: str) -> None:
    with pytest.raises(ValueError, match="no traceparent"), traced(wrong):
        pass
