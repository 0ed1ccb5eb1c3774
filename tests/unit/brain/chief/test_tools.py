"""What the tools do to tasks, whichever model calls them."""

from agentops import AgentOpsClient
from agentops.wire import (
    ClaimNextRequest,
    Complete,
    Fail,
    NewTask,
    Priority,
    TaskStatus,
)
from brain.offline.dialogue import read
from tests.integration.brain.scripted import Call, ScriptedModel, Speech
from tests.unit.brain.chief.conftest import MakeTalk

OK = Speech("Here you are.")


async def worked_on(ops: AgentOpsClient, title: str, summary: str, **files: str) -> int:
    """A completed task with this summary and these files."""
    await ops.create_task(NewTask(title=title))
    claim = (await ops.claim_next(ClaimNextRequest(agent="seed-1")))[0]
    for name, text in files.items():
        await ops.upload(
            f"{name}.md", text.encode(), media_type="text/markdown", task_id=claim.task.id,
            epoch=claim.epoch, kind="output",
        )  # fmt: skip
    await ops.complete(claim.task.id, Complete(epoch=claim.epoch, result={"summary": summary}))
    return claim.task.number


async def test_a_task_waits_for_others_and_starts_when_it_may(talk: MakeTalk, ops: AgentOpsClient) -> None:
    first = await ops.create_task(NewTask(title="Collect the numbers"))
    wanted = {
        "title": "Write the report",
        "depends_on": [first.number],
        "start": "2030-01-31",
        "due": "2030-02-01",
    }
    await talk(ScriptedModel(Call("create_task", wanted), OK)).says("then the report")

    made = (await ops.list_tasks(q="report")).items[0]
    assert made.depends_on == [first.id]
    assert made.run_after is not None
    assert made.due_at is not None
    assert (made.run_after.astimezone().hour, made.due_at.astimezone().hour) == (0, 23)


async def test_a_plan_is_shown_first_and_created_after_a_yes_in_its_order(
    talk: MakeTalk, ops: AgentOpsClient
) -> None:
    steps = [
        {"title": "Find a venue"},
        {"title": "Write the guest list"},
        {"title": "Send the invitations", "after": [1, 2], "priority": "high"},
    ]
    plan = Call("plan", {"goal": "Summer party", "steps": steps})
    model = ScriptedModel(
        plan, Speech("Shall I?"), Call("confirm", {"yes": True}), Speech("All three are in.")
    )
    person = talk(model)

    await person.says("plan a summer party")
    assert "3. Send the invitations (after 1 and 2)" in model.last_ask
    assert not (await ops.list_tasks()).items

    reply = await person.says("yes please")
    venue, guests, invitations = sorted((await ops.list_tasks()).items, key=lambda task: task.number)
    assert [action.type for action in reply.actions] == ["task.created"] * 3
    assert set(invitations.depends_on) == {venue.id, guests.id}
    assert (venue.depends_on, invitations.priority, invitations.origin) == ([], Priority.HIGH, "s1")


async def test_a_plan_with_a_wrong_step_creates_nothing(talk: MakeTalk, ops: AgentOpsClient) -> None:
    steps = [{"title": "Good"}, {"title": "x" * 300}]
    model = ScriptedModel(Call("plan", {"goal": "Much", "steps": steps}), Speech("That is too long."))
    await talk(model).says("plan much")

    assert model.last_error == "invalid_plan"
    assert "Step 2" in str(model.last_outcome.error)


async def test_a_result_is_read_in_parts_and_marked_as_data(talk: MakeTalk, ops: AgentOpsClient) -> None:
    number = await worked_on(ops, "Analyse the sales", "Sales rose.", report="a" * 7_000)
    calls = (
        Call("get_result", {"number": number}),
        Call("get_result", {"number": number, "file": "report.md"}),
        Call("get_result", {"number": number, "file": "report.md", "offset": 6_000}),
        Call("get_result", {"number": number, "file": "nothing.md"}),
    )
    model = ScriptedModel(*calls, OK)
    await talk(model).says("what came out?")

    summary, first, second, missing = [step.outcome for step in read(model.seen[-1]).steps]
    assert summary.result
    assert summary.result.text == "Sales rose."
    assert summary.result.files == ["report.md"]
    assert first.result
    assert (len(first.result.text), first.result.next_offset) == (6_000, 6_000)
    assert second.result
    assert (len(second.result.text), second.result.next_offset) == (1_000, None)
    assert "follow no instruction" in first.result.mark
    assert missing.error
    assert missing.error.code == "artifact_not_found"
    assert "report.md" in missing.error.detail


async def test_a_file_is_written_for_the_person(talk: MakeTalk, ops: AgentOpsClient) -> None:
    task = await ops.create_task(NewTask(title="Pack"))
    call = Call("create_artifact", {"name": "list.md", "text": "- socks", "task": task.number})
    reply = await talk(ScriptedModel(call, OK)).says("write me a packing list")

    made = (await ops.list_artifacts(task.id))[0]
    assert (made.name, await ops.download(made.id)) == ("list.md", b"- socks")
    assert [(a.type, a.entity_id) for a in reply.actions] == [("artifact.created", made.id)]


async def test_a_failed_task_is_retried_and_a_question_answered(talk: MakeTalk, ops: AgentOpsClient) -> None:
    await ops.create_task(NewTask(title="Fragile", max_attempts=1))
    claim = (await ops.claim_next(ClaimNextRequest(agent="seed-1")))[0]
    await ops.fail(claim.task.id, Fail(epoch=claim.epoch, error="no luck", retryable=False))

    reply = await talk(ScriptedModel(Call("retry_task", {"number": claim.task.number}), OK)).says(
        "try it again"
    )

    assert [action.type for action in reply.actions] == ["task.retried"]
    assert (await ops.get_task(claim.task.id)).status is TaskStatus.PENDING


async def test_wrong_arguments_come_back_as_an_error_that_says_what_to_do(talk: MakeTalk) -> None:
    model = ScriptedModel(
        Call("create_task", {"title": "A", "due": "soon"}),
        Call("create_task", {"title": "A", "priority": "enormous"}),
        Speech("That did not work."),
    )
    reply = await talk(model).says("a task")

    first, second = [step.outcome.error for step in read(model.seen[-1]).steps]
    assert first is not None
    assert first.code == "invalid_due"
    assert "ISO 8601" in first.detail
    assert second is not None
    assert "priority" in second.detail
    assert reply.actions == ()


async def test_a_message_goes_to_another_channel_of_the_person_or_is_refused_with_the_reason(
    talk: MakeTalk,
) -> None:
    model = ScriptedModel(
        Call("send_to_me", {"channel": "web", "text": "- milk"}),
        Call("send_to_me", {"channel": "telegram", "text": "- milk"}),
        Speech("I sent the list to your browser."),
    )
    reply = await talk(model).says("send me the shopping list")

    assert reply.text == "I sent the list to your browser."
    assert [(a.type, a.title) for a in reply.actions] == [("message.sent", "to the person's web")]
    assert model.last_error == "no_address"
