"""Who is removed from the ledger leaves nothing in the chief's own memory."""

import asyncio

from agentops import AgentOpsClient
from agentops.wire import NewPerson, NewTurn
from brain.chief.facts import Facts
from brain.chief.forgetting import Forgetting
from brain.chief.notes import Notes, NotesStore, Shown
from brain.chief.summaries import Summaries, Summary, summary_key
from gateway.session.memos import MemoryMemos
from tests.waiting import eventually


async def test_a_removed_person_takes_along_facts_notes_and_summary(ops: AgentOpsClient) -> None:
    memos, unloaded = MemoryMemos(), list[str]()
    ada = await ops.create_person(NewPerson(name="Ada"))
    session = f"person-{ada.id}"
    await ops.record_turn(session, NewTurn(id="t1", role="person", channel="web", text="hello"))
    await Facts(memos).remember(ada.id, "Likes tea", 1.0)
    await Facts(memos).remember("owner", "Likes coffee", 1.0)
    await NotesStore(memos).save(session, Notes(shown=(Shown(kind="task", name="Tea"),)))
    await Summaries(memos).save(session, Summary(text="Tea.", to_seq=1))
    following = asyncio.create_task(Forgetting(ops, memos, unloaded.append).run())
    try:
        await ops.forget_session(session)
        await ops.delete_person(ada.id)

        async def forgotten() -> bool:
            return not await Facts(memos).of(ada.id)

        await eventually(forgotten)
    finally:
        following.cancel()
    assert await NotesStore(memos).load(session) == Notes()
    assert await memos.get(summary_key(session)) is None
    assert unloaded == [session]
    assert [fact.text for fact in await Facts(memos).of("owner")] == ["Likes coffee"]
