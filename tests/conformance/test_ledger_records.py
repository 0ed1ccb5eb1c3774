"""Projects, lists, files, turns, keys and idempotency, on both ledgers."""

from datetime import UTC, datetime, timedelta

import pytest

from agentops import (
    AgentNotFound,
    ArtifactNotFound,
    Forbidden,
    IdempotencyMismatch,
    LoginInvalid,
    ProjectNotFound,
    TooLarge,
    Unauthenticated,
    ValidationFailed,
    VersionConflict,
)
from agentops.wire import (
    ArtifactId,
    ClaimNextRequest,
    Complete,
    NewAgent,
    NewKey,
    NewLogin,
    NewProject,
    NewTask,
    NewTurn,
    Priority,
    ProjectPatch,
    Scope,
    SortOrder,
    TaskPatch,
    TaskSort,
    TaskStatus,
)
from tests.conformance.ledgers import SEED, Ledger


async def test_a_project_is_made_changed_counted_and_deleted(ledger: Ledger) -> None:
    ops = ledger.admin
    made = await ops.create_project(NewProject(name="Spring", description="all of it"))
    task = await ops.create_task(NewTask(title="Dig", project_id=made.id))
    assert (await ops.get_project(made.id)).task_counts["pending"] == 1
    changed = await ops.update_project(made.id, ProjectPatch(name="Summer", version=made.version))
    assert (changed.name, changed.description, changed.version) == ("Summer", "all of it", made.version + 1)
    with pytest.raises(VersionConflict) as refused:
        await ops.update_project(made.id, ProjectPatch(name="Autumn", version=made.version))
    assert refused.value.current == {"version": changed.version}
    await ops.delete_project(made.id)
    with pytest.raises(ProjectNotFound):
        await ops.get_project(made.id)
    assert await ops.list_projects() == []
    assert (await ops.get_task(task.id)).project_id is None


async def test_a_new_task_is_as_it_was_asked_for(ledger: Ledger) -> None:
    wanted = NewTask(
        title="Analyse", description="May", acceptance_criteria=["a chart"], priority=Priority.HIGH,
        capabilities=["csv"], origin="main", context={"budget": 3}, estimated_hours=0.5, max_attempts=2,
    )  # fmt: skip
    task = await ledger.admin.create_task(wanted)
    for name in wanted.__struct_fields__:
        if name not in ("attachments", "parent_epoch"):  # a task shows neither
            assert getattr(task, name) == getattr(wanted, name), name
    assert (task.status, task.version, task.attempt, task.claim_epoch) == (TaskStatus.PENDING, 1, 0, 0)
    assert (task.assigned_to, task.result, task.error, task.progress) == (None, None, None, None)
    assert task.created_by == task.updated_by == (await ledger.admin.whoami()).name
    assert await ledger.admin.find_task(task.number) == task


async def test_a_change_needs_the_version_it_was_made_for(ledger: Ledger) -> None:
    task = await ledger.task()
    assert await ledger.admin.update_task(task.id, TaskPatch()) == task
    changed = await ledger.admin.update_task(task.id, TaskPatch(title="Count all", version=task.version))
    assert (changed.title, changed.version) == ("Count all", task.version + 1)
    with pytest.raises(VersionConflict):
        await ledger.admin.update_task(task.id, TaskPatch(title="Count none", version=task.version))
    cleared = await ledger.admin.update_task(task.id, TaskPatch(estimated_hours=2.0))
    assert (cleared.estimated_hours, cleared.title) == (2.0, "Count all")


async def test_tasks_are_found_and_paged_newest_first(ledger: Ledger) -> None:
    titles = ["Count 100% of them", "Dig", "Count none"]
    made = [await ledger.admin.create_task(NewTask(title=title, origin="main")) for title in titles]
    await ledger.admin.create_task(NewTask(title="Urgent", priority=Priority.CRITICAL, description="count"))
    await ledger.agent.claim_next(ClaimNextRequest(agent=SEED))

    async def found(**query: object) -> list[str]:
        return [task.title for task in (await ledger.admin.list_tasks(**query)).items]  # type: ignore[arg-type]

    assert await found(q="count") == ["Urgent", "Count none", "Count 100% of them"]
    assert await found(q="100%") == ["Count 100% of them"]
    assert await found(origin="main", q="dig") == ["Dig"]
    assert await found(status=[TaskStatus.IN_PROGRESS]) == ["Urgent"]
    assert await found(status=[TaskStatus.IN_PROGRESS, TaskStatus.PENDING], limit=1) == ["Urgent"]
    assert await found(priority=Priority.CRITICAL, assigned_to=SEED) == ["Urgent"]
    first = await ledger.admin.list_tasks(origin="main", limit=2)
    second = await ledger.admin.list_tasks(origin="main", limit=2, cursor=first.next)
    assert [task.id for task in first.items + second.items] == [task.id for task in reversed(made)]
    assert second.next is None
    with pytest.raises(ValidationFailed):
        await ledger.admin.list_tasks(cursor="nonsense!")


async def test_tasks_come_in_the_order_that_was_asked_for(ledger: Ledger) -> None:
    ops, noon = ledger.admin, datetime(2027, 3, 1, 12, tzinfo=UTC)
    a = await ops.create_task(NewTask(title="a", priority=Priority.LOW, due_at=noon))
    await ops.create_task(NewTask(title="b", priority=Priority.CRITICAL, parent_id=a.id))
    await ops.create_task(NewTask(title="c", priority=Priority.LOW, due_at=noon - timedelta(1)))
    d = await ops.create_task(NewTask(title="d"))
    await ops.update_task(a.id, TaskPatch(description="x"))
    orders = {
        TaskSort.CREATED: ("dcba", "abcd"), TaskSort.UPDATED: ("adcb", "bcda"),
        TaskSort.PRIORITY: ("bdca", "acdb"), TaskSort.DUE: ("acdb", "cabd"),
    }  # fmt: skip
    for sort, (down, up) in orders.items():
        for order, expected in ((SortOrder.DESC, down), (SortOrder.ASC, up)):
            first = await ops.list_tasks(sort=sort, order=order, limit=3)
            rest = await ops.list_tasks(sort=sort, order=order, limit=3, cursor=first.next)
            assert "".join(task.title for task in first.items + rest.items) == expected, (sort, order)
            assert rest.next is None
    assert [task.title for task in (await ops.list_tasks(sort=TaskSort.DUE)).items][:2] == ["c", "a"]
    assert [task.title for task in (await ops.list_tasks(parent_id=a.id)).items] == ["b"]
    assert [task.title for task in (await ops.list_tasks(due_before=noon)).items] == ["c"]
    assert {task.title for task in (await ops.list_tasks(updated_since=d.updated_at)).items} == {"a", "d"}


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("sales may", "ab"), ("may sal", "ab"), ('"sales of may"', "a"), ("june or july", "c"),
        ("sales -june", "ab"), ("SALES", "abc"), ("say", ""), ("mayonnaise", ""),
    ],
)  # fmt: skip
async def test_tasks_are_found_by_their_words(ledger: Ledger, q: str, found: str) -> None:
    texts = {"a": "Count the sales of May", "b": "May: plan sales", "c": "sales in June"}
    for title, text in texts.items():
        await ledger.admin.create_task(NewTask(title=title, description=text))
    assert sorted(task.title for task in (await ledger.admin.list_tasks(q=q)).items) == sorted(found)


async def test_a_file_goes_in_with_a_task_and_another_comes_out(ledger: Ledger) -> None:
    content = bytes(range(256)) * 2_000
    given = await ledger.admin.upload("sales.csv", content, media_type="text/csv")
    assert (given.kind, given.size_bytes, given.task_id) == ("input", len(content), None)
    claim = await ledger.claimed(NewTask(title="Analyse", attachments=[given.id]))
    assert [artifact.id for artifact in claim.inputs] == [given.id]
    assert await ledger.agent.download(given.id) == content
    made = await ledger.agent.upload(
        "report.md", b"# Fine\n", media_type="text/markdown", task_id=claim.task.id, epoch=1, kind="output"
    )
    assert (made.kind, made.created_by, made.media_type) == ("output", SEED, "text/markdown")
    await ledger.agent.complete(claim.task.id, Complete(epoch=1, result={"artifacts": [made.id]}))
    names = [artifact.name for artifact in await ledger.reader.list_artifacts(claim.task.id)]
    assert names == ["sales.csv", "report.md"]
    async with ledger.reader.stream(made.id) as pieces:
        assert b"".join([piece async for piece in pieces]) == b"# Fine\n"


async def test_files_have_limits(ledger: Ledger) -> None:
    with pytest.raises(TooLarge):
        await ledger.admin.upload("big", bytes(1_000_001), media_type="text/plain")
    with pytest.raises(ArtifactNotFound):
        await ledger.admin.download(ArtifactId("00000000-0000-0000-0000-000000000000"))
    claim = await ledger.claimed()
    with pytest.raises(Forbidden):
        await ledger.agent.upload("a", b"a", media_type="text/plain")
    with pytest.raises(Forbidden):
        await ledger.agent.upload("a", b"a", media_type="text/plain", task_id=claim.task.id, kind="output")
    assert await ledger.admin.list_artifacts(claim.task.id) == []


async def test_the_same_request_again_changes_nothing_again(ledger: Ledger) -> None:
    first = await ledger.admin.create_task(NewTask(title="Call the bank"), idempotency_key="bank-1")
    again = await ledger.admin.create_task(NewTask(title="Call the bank"), idempotency_key="bank-1")
    assert again == first
    assert len((await ledger.admin.list_tasks()).items) == 1
    with pytest.raises(IdempotencyMismatch):
        await ledger.admin.create_task(NewTask(title="Call the baker"), idempotency_key="bank-1")


async def test_a_claim_whose_answer_was_lost_is_the_same_claim_again(ledger: Ledger) -> None:
    for _ in range(3):
        await ledger.task()
    wish = ClaimNextRequest(agent=SEED, n=2)
    first = await ledger.agent.claim_next(wish, idempotency_key="claim-1")
    assert await ledger.agent.claim_next(wish, idempotency_key="claim-1") == first
    assert len(await ledger.agent.claim_next(ClaimNextRequest(agent=SEED, n=5))) == 1


async def test_what_was_refused_may_go_well_later_under_the_same_key(ledger: Ledger) -> None:
    task = await ledger.task()
    with pytest.raises(ValidationFailed):
        await ledger.admin.create_task(NewTask(title="a", project_id="x"), idempotency_key="k")  # type: ignore[arg-type]
    made = await ledger.admin.create_task(NewTask(title="b", depends_on=[task.id]), idempotency_key="k")
    assert made.depends_on == [task.id]


async def test_idempotency_keys_of_two_callers_do_not_meet(ledger: Ledger) -> None:
    minted = await ledger.admin.create_key(NewKey(name="another", scope=Scope.ADMIN))
    async with ledger.with_key(minted.secret) as another:
        mine = await ledger.admin.create_task(NewTask(title="mine"), idempotency_key="one")
        theirs = await another.create_task(NewTask(title="theirs"), idempotency_key="one")
    assert mine.id != theirs.id


async def test_a_turn_is_recorded_once_and_turns_are_paged(ledger: Ledger) -> None:
    file = await ledger.admin.upload("a.txt", b"a", media_type="text/plain")
    for number in (1, 2, 2, 3):
        turn = NewTurn(
            id=f"t-{number}", role="person", channel="web", text=f"said {number}", attachments=[file.id]
        )
        recorded = await ledger.admin.record_turn("main", turn)
        assert [artifact.name for artifact in recorded.attachments] == ["a.txt"]
    (session,) = await ledger.reader.list_sessions()
    assert (session.id, session.turns, session.last_turn_at) == ("main", 3, recorded.said_at)
    everything = (await ledger.reader.list_turns("main")).items
    assert [turn.text for turn in everything] == ["said 1", "said 2", "said 3"]
    assert [turn.id for turn in (await ledger.reader.list_turns("main", limit=2)).items] == ["t-2", "t-3"]
    page = await ledger.reader.list_turns("main", after=everything[0].seq, limit=1)
    assert ([turn.id for turn in page.items], page.next) == (["t-2"], str(everything[1].seq))
    ahead = await ledger.reader.list_turns("main", before=everything[2].seq, limit=1)
    assert [turn.id for turn in ahead.items] == ["t-2"]
    assert (await ledger.reader.list_turns("other")).items == []


async def test_a_recorded_turn_tells_its_place_so_that_a_gap_is_seen(ledger: Ledger) -> None:
    places = []
    for name, session in (
        ("p-1", "main"),
        ("p-2", "other"),
        ("p-3", "main"),
        ("p-3", "main"),
        ("p-4", "main"),
    ):
        turn = NewTurn(id=name, role="person", channel="web", text=name)
        places.append((await ledger.admin.record_turn(session, turn)).place)
    assert places == [1, 1, 2, None, 3]
    assert [turn.place for turn in (await ledger.reader.list_turns("main")).items] == [None] * 3


async def test_a_key_is_made_used_and_revoked(ledger: Ledger) -> None:
    minted = await ledger.admin.create_key(NewKey(name="panel", scope=Scope.READER))
    async with ledger.with_key(minted.secret) as panel:
        assert (await panel.whoami()).id == minted.id
        await ledger.admin.revoke_key(minted.id)
        with pytest.raises(Unauthenticated):
            await panel.whoami()
    with pytest.raises(Forbidden):
        await ledger.agent.create_key(NewKey(name="more", scope=Scope.ADMIN))


async def test_a_removed_specialist_has_no_key_and_another_removed_worker_may_come_back(
    ledger: Ledger,
) -> None:
    lasting = await ledger.admin.create_key(NewKey(name="translator", scope=Scope.AGENT))
    own = await ledger.admin.create_key(NewKey(name="translator", scope=Scope.AGENT, expires_in_s=3600))
    await ledger.agent.register_agent(NewAgent(name="translator", kind="specialist"))
    await ledger.agent.register_agent(NewAgent(name=SEED))
    with pytest.raises(Forbidden):
        await ledger.agent.remove_agent("translator")
    for name in ("translator", SEED):
        await ledger.admin.remove_agent(name)
        with pytest.raises(AgentNotFound):
            await ledger.admin.remove_agent(name)

    ended = {key.id: key.revoked_at is not None for key in await ledger.admin.list_keys()}
    assert (ended[own.id], ended[lasting.id]) == (True, False), "only what was made for it ends"
    assert await ledger.admin.list_agents() == []
    await ledger.agent.register_agent(NewAgent(name=SEED))
    told = (await ledger.admin.list_events(types=["agent.*"], after="0")).events
    assert [event.type for event in told if event.entity_id == SEED] == [
        "agent.registered", "agent.removed", "agent.registered",
    ]  # fmt: skip


async def test_a_login_buys_one_key(ledger: Ledger) -> None:
    login = await ledger.admin.create_login(NewLogin(scope=Scope.READER))
    minted = await ledger.reader.redeem_login(login.token)
    async with ledger.with_key(minted.secret) as person:
        assert (await person.whoami()).scope is Scope.READER
    with pytest.raises(LoginInvalid):
        await ledger.reader.redeem_login(login.token)


async def test_the_overview_counts(ledger: Ledger) -> None:
    await ledger.task()
    await ledger.claimed()
    stats = await ledger.reader.stats()
    assert {status: count for status, count in stats.tasks.items() if count} == {
        "pending": 1,
        "in_progress": 1,
    }
    assert stats.oldest_pending_s is not None
    assert (await ledger.reader.health()).status == "ok"
