"""What a person gets from the offline chief, over a real ledger."""

from datetime import UTC, datetime

from agentops import AgentOpsClient
from agentops.wire import (
    Block,
    ClaimNextRequest,
    Complete,
    Heartbeat,
    NewAgent,
    NewTask,
    NewTurn,
    Priority,
    TaskStatus,
)
from gateway.session.turns import Attachment, Lane
from tests.integration.brain.conftest import MakeChief
from tests.talking import Person


async def test_a_file_and_a_sentence_become_a_task(
    person: Person, ops: AgentOpsClient, csv: Attachment
) -> None:
    reply = await person.says("create a task to analyse this file, high priority", csv)

    task = (await ops.list_tasks()).items[0]
    assert (task.title, task.priority, task.origin) == ("Analyse sales.csv", Priority.HIGH, "s1")
    assert [artifact.id for artifact in await ops.list_artifacts(task.id)] == [csv.artifact_id]
    assert reply.text.startswith(f"Created task {task.number}, “Analyse sales.csv” (high priority).")
    assert [(a.type, a.entity_id, a.title) for a in reply.actions] == [
        ("task.created", task.id, "Analyse sales.csv")
    ]
    assert "".join(person.chunks) == reply.text


async def test_the_first_reply_says_what_it_is_and_the_second_does_not(person: Person) -> None:
    assert "COS_MODEL" in (await person.says("hi")).text
    assert "COS_MODEL" not in (await person.says("hi")).text


async def test_an_empty_ledger_is_told_with_something_to_try(person: Person) -> None:
    reply = await person.says("What is going on?")

    assert "All quiet" in reply.text
    assert "Create a task" in reply.text


async def test_what_is_going_on_tells_what_runs_what_waits_and_what_came_back(
    person: Person, ops: AgentOpsClient
) -> None:
    await ops.register_agent(NewAgent(name="seed-1"))
    for title in ("Done one", "Asking one", "Running one", "Waiting one"):
        await ops.create_task(NewTask(title=title))
    done, asking, running = await ops.claim_next(ClaimNextRequest(agent="seed-1", n=3))
    await ops.complete(done.task.id, Complete(epoch=done.epoch, result={"summary": "Sales rose by 12 %."}))
    await ops.block(asking.task.id, Block(epoch=asking.epoch, question="Which column?", options=["a", "b"]))
    beat = Heartbeat(epoch=running.epoch, progress=0.6, note="drawing the chart")
    await ops.heartbeat(running.task.id, beat)

    text = (await person.says("What is going on?")).text

    assert "4 tasks: 1 running, 1 needs you, 1 waiting to start, 1 done. 1 worker online." in text
    assert "“Running one”: 60%, drawing the chart (seed-1)" in text
    assert "“Asking one”: Which column? (a / b)" in text
    assert "“Done one”: Sales rose by 12 %. (just now)" in text
    assert f"Answer with “task {asking.task.number}: …”" in text


async def test_a_question_is_answered_in_words_and_the_task_goes_on(
    person: Person, ops: AgentOpsClient
) -> None:
    await ops.create_task(NewTask(title="Asking one"))
    claim = (await ops.claim_next(ClaimNextRequest(agent="seed-1")))[0]
    await ops.block(claim.task.id, Block(epoch=claim.epoch, question="Which column?"))

    reply = await person.says(f"task {claim.task.number}: use the revenue column")

    assert "passed your answer on" in reply.text
    assert (await ops.get_task(claim.task.id)).status is TaskStatus.PENDING
    assert [gate.answer for gate in await ops.list_gates()] == ["use the revenue column"]


async def test_cancelling_asks_first(person: Person, ops: AgentOpsClient) -> None:
    task = await ops.create_task(NewTask(title="Analyse sales.csv"))

    asked = await person.says(f"cancel task {task.number}")
    assert asked.text.startswith(f"Shall I cancel task {task.number}, “Analyse sales.csv”")
    assert asked.actions == ()
    assert (await ops.get_task(task.id)).status is TaskStatus.PENDING

    done = await person.says("yes")
    assert [action.type for action in done.actions] == ["task.cancelled"]
    assert (await ops.get_task(task.id)).status is TaskStatus.CANCELLED


async def test_a_no_keeps_the_task(person: Person, ops: AgentOpsClient) -> None:
    task = await ops.create_task(NewTask(title="Analyse sales.csv"))
    await person.says(f"cancel task {task.number}")

    assert "changed nothing" in (await person.says("no")).text
    assert (await ops.get_task(task.id)).status is TaskStatus.PENDING


async def test_a_task_is_found_by_words_of_its_title(person: Person, ops: AgentOpsClient) -> None:
    await ops.create_task(NewTask(title="Call the plumber"))
    wanted = await ops.create_task(NewTask(title="Write the quarterly sales report"))

    reply = await person.says("delete the sales report task")

    assert reply.text.startswith(f"Shall I cancel task {wanted.number}, “Write the quarterly sales report”")


async def test_it_means_the_task_that_was_spoken_of(person: Person, ops: AgentOpsClient) -> None:
    await person.says("create a task to paint the fence")
    reply = await person.says("make it urgent and")
    reply = await person.says("make it urgent")

    task = (await ops.list_tasks()).items[0]
    assert task.priority is Priority.HIGH
    assert reply.text == f"Done: task {task.number}, “Paint the fence” has high priority."


async def test_an_unknown_project_is_made_on_the_way(person: Person, ops: AgentOpsClient) -> None:
    reply = await person.says("/task Buy paint @home !high")

    project = (await ops.list_projects())[0]
    task = (await ops.list_tasks()).items[0]
    assert (project.name, task.project_id) == ("home", project.id)
    assert [action.type for action in reply.actions] == ["project.created", "task.created"]
    assert "in the new project “home”" in reply.text


async def test_a_project_is_found_in_spite_of_a_slip_of_the_pen(person: Person, ops: AgentOpsClient) -> None:
    await person.says("create a project called Website relaunch")
    await person.says("create a task to draw a logo in project website relanch")

    assert [project.name for project in await ops.list_projects()] == ["Website relaunch"]
    assert (await ops.list_tasks()).items[0].project_id is not None


async def test_a_file_without_words_is_asked_about_and_then_analysed(
    person: Person, ops: AgentOpsClient, csv: Attachment
) -> None:
    asked = await person.says("", csv)
    assert asked.text.startswith("Did you mean: create a task “Analyse sales.csv”?")
    assert not (await ops.list_tasks()).items

    await person.says("yes")
    task = (await ops.list_tasks()).items[0]
    assert task.title == "Analyse sales.csv"
    assert len(await ops.list_artifacts(task.id)) == 1


async def test_a_doubtful_sentence_is_asked_about_and_a_yes_does_it(
    person: Person, ops: AgentOpsClient
) -> None:
    asked = await person.says("something with the sales numbers")
    assert asked.text.startswith("Did you mean")
    assert not (await ops.list_tasks()).items

    await person.says("yes")
    assert len((await ops.list_tasks()).items) == 1


async def test_a_status_command_does_not_wait_for_the_running_turn(
    make_chief: MakeChief, ops: AgentOpsClient
) -> None:
    chief = make_chief()
    person = Person(chief)
    async with chief._conversations.held("s1"):
        reply = await person.says("/status", lane=Lane.CONTROL)
    assert "All quiet" in reply.text
    assert "COS_MODEL" not in reply.text


async def test_a_restarted_chief_remembers_what_was_said(make_chief: MakeChief, ops: AgentOpsClient) -> None:
    task = await ops.create_task(NewTask(title="Analyse sales.csv"))
    await Person(make_chief()).says(f"cancel task {task.number}")

    reply = await Person(make_chief()).says("yes")

    assert [action.type for action in reply.actions] == ["task.cancelled"]


async def test_a_conversation_that_left_the_cache_is_remembered(
    make_chief: MakeChief, ops: AgentOpsClient
) -> None:
    chief = make_chief(cached_sessions=1)
    person = Person(chief)
    await person.says("create a task to paint the fence")
    await Person(chief, "another").says("hi")

    await person.says("make it critical")

    assert (await ops.list_tasks()).items[0].priority is Priority.CRITICAL


async def test_a_notice_told_in_between_is_known_in_the_next_turn(
    person: Person, ops: AgentOpsClient
) -> None:
    await person.says("hi")
    await ops.create_task(NewTask(title="Asking one"))
    claim = (await ops.claim_next(ClaimNextRequest(agent="seed-1")))[0]
    await ops.block(claim.task.id, Block(epoch=claim.epoch, question="Which column?"))
    text = f"Task {claim.task.number}, “Asking one”, needs you: Which column?"
    notice = NewTurn(id="notice-1", role="notice", channel="notice", text=text, said_at=datetime.now(UTC))
    await ops.record_turn("s1", notice)

    await person.says("the second one from the left")

    assert [gate.answer for gate in await ops.list_gates()] == ["the second one from the left"]


async def test_both_sides_of_the_conversation_are_in_the_record(
    person: Person, ops: AgentOpsClient, csv: Attachment
) -> None:
    reply = await person.says("analyse this", csv)

    heard, said = (await ops.list_turns("s1")).items
    assert (heard.role, heard.text, heard.channel) == ("person", "analyse this", "web")
    assert [artifact.id for artifact in heard.attachments] == [csv.artifact_id]
    assert (said.role, said.text, said.reply_to) == ("chief", reply.text, reply.turn_id)


async def test_a_refused_change_is_told_and_changes_nothing(person: Person) -> None:
    reply = await person.says("retry task 999")

    assert reply.actions == ()
    assert "did not work, and nothing was changed: There is no task 999" in reply.text


async def test_a_hundred_thousand_characters_are_taken(person: Person, ops: AgentOpsClient) -> None:
    words = "wörter und mehr " * 6_249
    await person.says(f"summarise this: {words}")

    task = (await ops.list_tasks()).items[0]
    assert len(task.title) <= 200
    assert words.strip() in task.description
