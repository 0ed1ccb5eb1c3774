"""Finding tasks and turns by words."""

import pytest

from agentops import AgentOpsClient
from agentops.wire import FoundTurn, NewTask, NewTurn, TaskPatch


async def _said(ops: AgentOpsClient, *texts: str, session: str = "main") -> None:
    for n, text in enumerate(texts):
        turn = NewTurn(id=f"{session}-{n}", role="person", channel="web", text=text)
        await ops.record_turn(session, turn)


def _marked(found: FoundTurn) -> str:
    return "".join(f"[{part.text}]" if part.hit else part.text for part in found.snippet)


async def test_turns_are_found_by_their_words_newest_first(ops: AgentOpsClient) -> None:
    await _said(ops, "Please analyse sales.csv", "The wall is painted.", "Paint the other WALL, too")
    await _said(ops, "No wall here", session="other")

    async def found(q: str, session_id: str | None = "main") -> list[str]:
        return [_marked(one) for one in (await ops.search_turns(q, session_id=session_id)).items]

    assert await found("wall") == ["Paint the other [WALL], too", "The [wall] is painted."]
    assert await found("painting") == ["[Paint] the other WALL, too", "The wall is [painted]."]
    assert await found("sales") == ["Please analyse [sales].csv"]
    assert await found("sales.csv") == ["Please analyse [sales].[csv]"]
    assert await found("anal") == ["Please [analyse] sales.csv"]
    assert await found('"other wall"') == ["Paint the [other] [WALL], too"]
    assert await found("wall -painted") == ["Paint the other [WALL], too"]
    assert await found("csv or too") == ["Paint the other WALL, [too]", "Please analyse sales.[csv]"]
    assert await found("nothing") == []
    assert len(await found("wall", session_id=None)) == 3
    assert await found("wall", session_id="other") == ["No [wall] here"]


async def test_found_turns_come_in_pages(ops: AgentOpsClient) -> None:
    await _said(ops, *(f"wall number {n}" for n in range(7)))
    texts: list[str] = []
    before: int | None = None
    while before != 0:
        page = await ops.search_turns("wall", before=before, limit=3)
        texts += [one.turn.text for one in page.items]
        before = int(page.next) if page.next else 0
    assert texts == [f"wall number {n}" for n in range(6, -1, -1)]


async def test_a_long_text_is_shown_around_what_was_found(ops: AgentOpsClient) -> None:
    await _said(ops, "blah <b>blah</b> \x01 " * 500 + "the needle! " + "blub " * 500)
    (found,) = (await ops.search_turns("needle")).items
    assert len("".join(part.text for part in found.snippet)) <= 240
    assert [part.text for part in found.snippet if part.hit] == ["needle"]
    assert len(found.turn.text) > 10_000


@pytest.mark.parametrize("q", ["'", "\\", "a & b", "!!", "((", "😀", "ß " * 200, "\x7f", "<->", "a:*"])
async def test_nothing_that_is_typed_breaks_the_search(ops: AgentOpsClient, q: str) -> None:
    await _said(ops, "a b 😀 straße")
    await ops.search_turns(q)
    await ops.list_tasks(q=q)


async def test_the_longest_text_can_be_recorded_and_found(ops: AgentOpsClient) -> None:
    await _said(ops, " ".join(f"w{n}é😀" for n in range(12_500))[:100_000])
    assert len((await ops.search_turns("w77é😀")).items) == 1


async def test_tasks_are_found_by_what_they_say_now(ops: AgentOpsClient) -> None:
    task = await ops.create_task(NewTask(title="Analyse sales.csv", description="for the board"))
    await ops.create_task(NewTask(title="Buy nails"))

    async def found(q: str) -> list[str]:
        return [one.title for one in (await ops.list_tasks(q=q)).items]

    assert await found("sales") == await found("SALES.CSV") == await found("boar") == ["Analyse sales.csv"]
    await ops.update_task(task.id, TaskPatch(title="Analyse costs.csv"))
    assert await found("sales") == []
    assert await found("cost") == ["Analyse costs.csv"]
    assert await found("board -nails") == ["Analyse costs.csv"]
