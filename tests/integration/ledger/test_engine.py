# ruff: noqa: PT012 - what is raised at the end of a transaction is raised by the whole block
"""The engine gives every connection back, whatever happens to the transaction."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import suppress

import asyncpg
import pytest
from piccolo.engine.exceptions import TransactionError

from ledger.engine import LedgerEngine


@pytest.fixture
async def engine(postgres_dsn: str) -> AsyncIterator[LedgerEngine]:
    async with LedgerEngine(postgres_dsn).opened(max_size=3) as opened:
        await opened.rows("CREATE TABLE note (id int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED, text text)")
        yield opened


async def _all_slots_are_free(engine: LedgerEngine) -> None:
    """Three at once, as many as there are; a lost slot would make this wait for ever."""

    async def hold(gate: asyncio.Barrier) -> None:
        async with engine.transaction():
            await engine.rows("SELECT 1")
            await gate.wait()

    barrier = asyncio.Barrier(3)
    async with asyncio.timeout(10):
        await asyncio.gather(*(hold(barrier) for _ in range(3)))


async def test_six_hundred_cancelled_calls_lose_no_connection(engine: LedgerEngine) -> None:
    choose = random.Random(7)  # noqa: S311

    async def call(n: int) -> None:
        async with engine.transaction():
            await engine.rows("INSERT INTO note VALUES ($1, 'x')", n)
            await engine.rows("SELECT pg_sleep(0.002)")

    for batch in range(60):
        tasks = [asyncio.create_task(call(batch * 10 + n)) for n in range(10)]
        await asyncio.sleep(choose.random() * 0.02)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    await _all_slots_are_free(engine)
    # Idle again: no connection was left within a transaction.
    states = await engine.rows(
        "SELECT state FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'"
    )
    assert list(states) == []


async def test_a_failed_commit_gives_the_connection_back(engine: LedgerEngine) -> None:
    for _ in range(10):
        with pytest.raises(asyncpg.UniqueViolationError):
            async with engine.transaction():
                await engine.rows("INSERT INTO note VALUES (1, 'a')")
                await engine.rows("INSERT INTO note VALUES (1, 'b')")
    await _all_slots_are_free(engine)
    assert await engine.rows("SELECT * FROM note") == []
    assert not engine.transaction_exists()


async def test_a_connection_that_dies_in_a_transaction_is_replaced(engine: LedgerEngine) -> None:
    for _ in range(5):
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
            async with engine.transaction():
                with suppress(asyncpg.PostgresError, OSError):
                    await engine.rows("SELECT pg_terminate_backend(pg_backend_pid())")
                await engine.rows("SELECT 1")
    await _all_slots_are_free(engine)


async def test_an_error_rolls_back_and_comes_through(engine: LedgerEngine) -> None:
    with pytest.raises(ZeroDivisionError):
        async with engine.transaction():
            await engine.rows("INSERT INTO note VALUES (1, 'a')")
            raise ZeroDivisionError
    assert await engine.rows("SELECT * FROM note") == []


async def test_a_transaction_within_a_transaction_is_refused(engine: LedgerEngine) -> None:
    async with engine.transaction():
        with pytest.raises(TransactionError):
            async with engine.transaction():
                pass
        async with engine.joined():
            await engine.rows("INSERT INTO note VALUES (1, 'a')")
    assert len(await engine.rows("SELECT * FROM note")) == 1


async def test_json_and_ids_come_as_plain_values(engine: LedgerEngine) -> None:
    row = await engine.row(
        """SELECT '{"a": [1, null]}'::jsonb AS j, gen_random_uuid() AS u, ARRAY[gen_random_uuid()] AS us"""
    )
    assert row is not None
    assert row["j"] == {"a": [1, None]}
    assert isinstance(row["u"], str)
    assert isinstance(row["us"][0], str)
