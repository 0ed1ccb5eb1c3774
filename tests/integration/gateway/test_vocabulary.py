"""Whoever listens is told the names and titles that the ledger has."""

import asyncio

import pytest

from agentops import AgentOpsClient
from agentops.errors import Unavailable
from agentops.wire import NewPerson, NewProject, NewTask, NewTurn
from gateway import vocabulary as module
from gateway.vocabulary import names_in, vocabulary


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("I wrote to Mrs. Okafor, and Lindqvist called.", ["Mrs", "Okafor", "Lindqvist"]),
        ("Okafor wrote. Done! Anything else?", []),
        ("the report for Ngô-O'Brien is here", ["Ngô-O'Brien"]),
        ("Task 4 is done: see PDF 2B.", ["PDF"]),
        ("Tell Émile, please", ["Émile"]),
        ("", []),
    ],
)
def test_a_name_is_a_capital_in_the_middle_of_a_sentence(text: str, names: list[str]) -> None:
    assert names_in(text) == names


def test_what_was_only_heard_is_no_name() -> None:
    assert names_in("I found nothing about Colsky or Ann.", besides="tell me about colsky, annually") == [
        "Ann"
    ]


async def said(ops: AgentOpsClient, number: int, role: str, channel: str, text: str) -> None:
    await ops.record_turn("main", NewTurn(id=f"t{number}", role=role, channel=channel, text=text))


async def test_people_come_first_then_what_was_written_then_projects_and_tasks(ops: AgentOpsClient) -> None:
    await ops.create_person(NewPerson(name="Ada Lovelace"))
    await ops.create_project(NewProject(name="Zephyr"))
    await ops.create_task(NewTask(title="Call Mrs. Hawkins"))
    await said(ops, 1, "person", "telegram", "ask Kowalski for the lease")
    await said(ops, 2, "person", "phone", "Tell me about Colsky and Kowalski.")
    await said(ops, 3, "chief", "phone", "There is nothing about Colsky. See Pemberton?")
    await said(ops, 4, "notice", "telegram", "You asked about Colsky.")
    assert await vocabulary(ops, "main") == [
        "Ada Lovelace", "Pemberton", "Kowalski", "Zephyr", "Call Mrs. Hawkins",
    ]  # fmt: skip


@pytest.mark.parametrize("error", [Unavailable("away"), None])
async def test_what_the_ledger_does_not_tell_in_time_is_missing(
    ops: AgentOpsClient, error: Exception | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ops.create_project(NewProject(name="Zephyr"))
    monkeypatch.setattr(module, "_PATIENCE_S", 1.0)

    async def away(*_: object, **__: object) -> None:
        if error is not None:
            raise error
        await asyncio.Event().wait()

    monkeypatch.setattr(ops, "list_tasks", away)
    monkeypatch.setattr(ops, "list_people", away)
    assert await vocabulary(ops, "nobody spoke here") == ["Zephyr"]
