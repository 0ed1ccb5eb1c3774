"""Plain new tasks of many requests share a statement, and none notices the others."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg
import msgspec
import pytest

from ledger.engine import LedgerEngine, Row
from ledger.ids import new_id
from ledger.tasks import sql
from ledger.together import Alone, Given, Owner, Together
from tests.integration.ledger.api import Api
from tests.waiting import eventually

ME = Owner("key-1", "admin")
_WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
)


def given(title: str, **more: Any) -> Given:
    fields: dict[str, Any] = {
        "id": new_id(), "title": title, "description": "", "acceptance_criteria": [], "priority": 2,
        "capabilities": [], "context": {}, "max_attempts": 3, **more,
    }  # fmt: skip
    return Given(fields["id"], msgspec.Raw(msgspec.json.encode(fields)))


@asynccontextmanager
async def together_over(dsn: str) -> AsyncIterator[Together]:
    async with LedgerEngine(dsn).opened(max_size=2, commands=2) as db:
        together = Together(db, sql.CREATE_TOGETHER)
        running = asyncio.create_task(together.run())
        await asyncio.sleep(0)
        try:
            yield together
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running


@asynccontextmanager
async def one_under_way(together: Together, dsn: str) -> AsyncIterator["asyncio.Task[Row | None]"]:
    """A write that cannot end before this block does."""
    other = await asyncpg.connect(dsn)
    try:
        async with other.transaction():
            await other.execute("LOCK TABLE task IN SHARE ROW EXCLUSIVE MODE")
            first = asyncio.create_task(together.row(ME, given("first")))

            async def waits() -> bool:
                return bool(await other.fetchval(_WAITING))

            await eventually(waits)
            yield first
    finally:
        await other.close()


async def _titles(dsn: str) -> list[str]:
    connection = await asyncpg.connect(dsn)
    try:
        return [row["title"] for row in await connection.fetch("SELECT title FROM task ORDER BY number")]
    finally:
        await connection.close()


async def test_what_comes_while_one_is_under_way_is_written_at_once_and_in_its_order(
    ledger_dsn: str,
) -> None:
    async with together_over(ledger_dsn) as together:
        async with one_under_way(together, ledger_dsn) as first:
            rest = [asyncio.create_task(together.row(ME, given(f"task {n}"))) for n in range(20)]
            await asyncio.sleep(0)
        rows = await asyncio.gather(first, *rest)
    assert [row["title"] for row in rows if row] == ["first", *(f"task {n}" for n in range(20))]
    assert len({row["created_at"] for row in rows if row}) == 2


async def test_who_is_cancelled_meanwhile_harms_none_of_the_others(ledger_dsn: str) -> None:
    async with together_over(ledger_dsn) as together:
        async with one_under_way(together, ledger_dsn) as first:
            rest = [asyncio.create_task(together.row(ME, given(f"task {n}"))) for n in range(6)]
            await asyncio.sleep(0)
            for one in (first, rest[0], rest[3]):
                one.cancel()
        done = await asyncio.gather(first, *rest, return_exceptions=True)
    kept = [row["title"] for row in done if not isinstance(row, BaseException) and row]
    assert kept == ["task 1", "task 2", "task 4", "task 5"]
    assert await _titles(ledger_dsn) == ["first", *kept]  # the first was on its way already


async def test_of_writes_that_are_refused_together_nothing_is_written(ledger_dsn: str) -> None:
    async with together_over(ledger_dsn) as together:
        async with one_under_way(together, ledger_dsn) as first:
            wrong = given("wrong", project_id=new_id())
            both = [asyncio.create_task(together.row(ME, one)) for one in (given("right"), wrong)]
            await asyncio.sleep(0)
        assert await first
        for one in both:
            with pytest.raises(Alone):
                await one
    assert await _titles(ledger_dsn) == ["first"]


async def test_before_and_after_everybody_goes_alone(ledger_dsn: str) -> None:
    async with together_over(ledger_dsn) as together:
        assert await together.row(ME, given("one"))
    with pytest.raises(Alone):
        await together.row(ME, given("two"))
    assert await _titles(ledger_dsn) == ["one"]


async def test_many_tasks_at_once_have_each_its_own_answer_event_and_key(admin: Api, ledger_dsn: str) -> None:
    async def create(number: int) -> Any:
        trace = f"00-{number:032x}-{1:016x}-01"
        return await admin.client.post(
            "/tasks",
            json={
                "title": f"task {number}",
                "context": {"number": number},
                "due_at": "2030-01-01T00:00:00+02:00",
            },
            headers={"Idempotency-Key": f"key-{number}", "traceparent": trace},
        )

    numbers = range(1, 61)
    first = await asyncio.gather(*(create(number) for number in numbers))
    again = await asyncio.gather(*(create(number) for number in numbers))
    assert {answer.status_code for answer in first} == {201}
    assert [answer.content for answer in again] == [answer.content for answer in first]
    assert not any("Idempotency-Replayed" in answer.headers for answer in first)
    assert all("Idempotency-Replayed" in answer.headers for answer in again)
    events = await admin.events()
    assert len(events) == len(numbers)
    told = {event["entity_id"]: event for event in events}
    for number, answer in zip(numbers, first, strict=True):
        task = answer.json()
        trace = f"00-{number:032x}-{1:016x}-01"
        assert (task["title"], task["due_at"]) == (f"task {number}", "2029-12-31T22:00:00Z")
        assert task["context"] == {"traceparent": trace, "number": number}
        assert (told[task["id"]]["payload"]["number"], told[task["id"]]["traceparent"]) == (
            task["number"],
            trace,
        )
    connection = await asyncpg.connect(ledger_dsn)
    assert await connection.fetchval("SELECT count(DISTINCT xid) FROM event") < len(numbers)
    await connection.close()


async def test_one_that_is_wrong_among_many_is_told_so_and_the_others_are_written(admin: Api) -> None:
    async def create(number: int) -> tuple[int, int]:
        all_wrong: dict[int, dict[str, Any]] = {7: {"project_id": new_id()}, 8: {"context": {"text": "\x00"}}}
        wrong = all_wrong.get(number, {})
        body = {"title": f"task {number}", **wrong}
        answer = await admin.client.post("/tasks", json=body, headers={"Idempotency-Key": f"key-{number}"})
        return number, answer.status_code

    answers = dict(await asyncio.gather(*(create(number) for number in range(40))))
    assert (answers.pop(7), answers.pop(8)) == (400, 400)
    assert set(answers.values()) == {201}
    tasks = await admin.get("/tasks", limit=100)
    assert sorted(task["title"] for task in tasks["items"]) == sorted(f"task {number}" for number in answers)
