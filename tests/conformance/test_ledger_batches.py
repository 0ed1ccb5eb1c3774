"""Many tasks in one request, on both ledgers."""

import pytest

from agentops import ValidationFailed
from agentops.wire import ClaimNextRequest, CompleteItem, NewTask, Settle, TaskId, TaskStatus
from tests.conformance.ledgers import Ledger

SEED = "seed-1"
NOBODY = TaskId("00000000-0000-4000-8000-000000000000")


async def test_a_batch_of_tasks_is_created_in_its_order(ledger: Ledger) -> None:
    first = await ledger.task("first")
    asked = [
        NewTask(title="a"),
        NewTask(title="b", depends_on=[first.id], context={"n": 1.5}),
        NewTask(title="c"),
    ]
    made = await ledger.admin.create_tasks(asked)
    assert [task.title for task in made] == ["a", "b", "c"]
    assert [task.number for task in made] == sorted(task.number for task in made)
    assert (made[1].depends_on, made[1].context) == ([first.id], {"n": 1.5})
    assert [await ledger.admin.get_task(task.id) for task in made] == made


async def test_of_a_batch_with_one_bad_task_none_is_created(ledger: Ledger) -> None:
    with pytest.raises(ValidationFailed):
        await ledger.admin.create_tasks([NewTask(title="a"), NewTask(title="b", depends_on=[NOBODY])])
    assert (await ledger.admin.list_tasks()).items == []


async def test_a_repeated_batch_creates_nothing_more(ledger: Ledger) -> None:
    asked = [NewTask(title="a"), NewTask(title="b")]
    made = await ledger.admin.create_tasks(asked, idempotency_key="batch-1")
    assert await ledger.admin.create_tasks(asked, idempotency_key="batch-1") == made
    assert len((await ledger.admin.list_tasks()).items) == 2


async def test_each_item_of_a_batch_is_fenced_by_its_own_epoch(ledger: Ledger) -> None:
    await ledger.admin.create_tasks([NewTask(title="a"), NewTask(title="b")])
    good, late = await ledger.agent.claim_next(ClaimNextRequest(agent=SEED, n=2))
    items = [
        CompleteItem(task_id=good.task.id, epoch=good.epoch, result={"n": 1}),
        CompleteItem(task_id=late.task.id, epoch=late.epoch + 1),
        CompleteItem(task_id=NOBODY, epoch=1),
    ]
    outcomes = await ledger.agent.complete_tasks(items)
    assert [(one.done, one.status, one.code) for one in outcomes] == [
        (True, TaskStatus.COMPLETED, None),
        (False, TaskStatus.IN_PROGRESS, "stale_claim"),
        (False, None, "task_not_found"),
    ]
    assert (await ledger.admin.get_task(good.task.id)).result == {"n": 1}
    assert (await ledger.admin.get_task(late.task.id)).status is TaskStatus.IN_PROGRESS


async def test_a_busy_worker_hands_in_and_takes_in_one(ledger: Ledger) -> None:
    await ledger.admin.create_tasks([NewTask(title=title) for title in "abc"])
    held = (await ledger.agent.settle(Settle(agent=SEED, n=2))).claims
    assert [claim.task.title for claim in held] == ["a", "b"]
    items = [
        CompleteItem(task_id=held[0].task.id, epoch=held[0].epoch, result={"n": 1}),
        CompleteItem(task_id=held[1].task.id, epoch=held[1].epoch + 1),
    ]
    settled = await ledger.agent.settle(Settle(agent=SEED, n=2, items=items), idempotency_key="s-1")
    assert [(one.done, one.code) for one in settled.outcomes] == [(True, None), (False, "stale_claim")]
    assert [(claim.task.title, claim.epoch) for claim in settled.claims] == [("c", 1)]
    assert await ledger.agent.settle(Settle(agent=SEED, n=2, items=items), idempotency_key="s-1") == settled
    assert (await ledger.admin.get_task(held[0].task.id)).result == {"n": 1}
    told = (await ledger.admin.list_events(after="0", types=["task.completed", "task.claimed"])).events
    assert [(event.type, event.payload["title"]) for event in told] == [
        ("task.claimed", "a"),
        ("task.claimed", "b"),
        ("task.completed", "a"),
        ("task.claimed", "c"),
    ]


async def test_what_a_batch_sets_free_is_given_out_with_the_next(ledger: Ledger) -> None:
    first = await ledger.task("first")
    await ledger.admin.create_task(NewTask(title="second", depends_on=[first.id]))
    (claim,) = (await ledger.agent.settle(Settle(agent=SEED, n=5))).claims
    done = CompleteItem(task_id=claim.task.id, epoch=claim.epoch)
    assert (await ledger.agent.settle(Settle(agent=SEED, n=5, items=[done]))).claims == []
    (claim,) = (await ledger.agent.settle(Settle(agent=SEED, n=5))).claims
    assert claim.task.title == "second"
