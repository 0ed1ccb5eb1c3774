"""A lease that is not renewed in time is lost, whether anybody says so or not."""

import asyncio

import pytest

from gateway.errors import LeaseLost
from gateway.session.renewing import renewed


async def test_a_renewal_that_hangs_ends_the_work_when_the_lease_may_have_run_out() -> None:
    async def hang() -> None:
        await asyncio.Event().wait()

    async def work() -> None:
        async with asyncio.timeout(10), renewed(hang, every_s=0.01, within_s=0.01):
            await asyncio.Event().wait()

    with pytest.raises(ExceptionGroup) as lost:
        await work()
    assert lost.group_contains(LeaseLost)


async def test_without_a_bound_the_work_goes_on_while_a_renewal_waits() -> None:
    asked = asyncio.Event()
    answer = asyncio.Event()

    async def wait() -> None:
        asked.set()
        await answer.wait()

    async with asyncio.timeout(10), renewed(wait, every_s=0.001):
        await asked.wait()
        answer.set()
