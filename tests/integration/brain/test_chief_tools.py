"""What the tools do in the ledger, whichever model calls them."""

from datetime import UTC, datetime, timedelta

from agentops import AgentOpsClient
from agentops.wire import (
    BudgetPeriod,
    BudgetScope,
    BudgetUnit,
    NewBudget,
    NewTask,
    ScheduleStatus,
)
from brain.chief.tools.tasks import SETTLES_S
from tests.integration.brain.conftest import MakeChief
from tests.integration.brain.scripted import Call, ScriptedModel, Speech
from tests.talking import Person

OK = Speech("Here you are.")


async def test_a_reminder_and_a_schedule_are_rows_that_come_at_their_time(
    make_chief: MakeChief, ops: AgentOpsClient
) -> None:
    at = datetime.now().astimezone() + timedelta(days=2)
    model = ScriptedModel(
        Call("remind", {"text": "Call Ada", "at": f"{at:%Y-%m-%dT%H:%M}"}),
        Call("schedule", {"title": "Report on sales", "when": "30 8 * * MON-FRI"}),
        Call("remind", {"text": "Too late", "at": "2020-01-01T10:00"}),
        Speech("I'll remind you to call Ada, and the report comes every working day."),
    )
    reply = await Person(make_chief(model)).says("remind me to call Ada, and a report every working day")

    ada, report = await ops.list_schedules(), None
    report = next(one for one in ada if one.cron)
    reminder = next(one for one in ada if one.notice)
    assert reminder.notice == {"session": "s1", "text": "Call Ada"}
    assert reminder.at is not None
    assert abs(reminder.at - at) < timedelta(minutes=1, seconds=1)
    assert report.task is not None
    assert report.task["origin"] == "s1"
    assert model.last_error == "past_time"
    assert [action.type for action in reply.actions] == ["schedule.created"] * 2


async def test_what_is_said_in_a_call_may_be_taken_back_before_a_worker_begins(
    make_chief: MakeChief, ops: AgentOpsClient
) -> None:
    await Person(make_chief()).says("create a task to count the chairs")
    before = datetime.now(UTC)
    await Person(make_chief(), session="s2", channel="phone").says("create a task to count the tables")
    written, spoken = await ops.find_task(1), await ops.find_task(2)
    assert written.run_after is None
    assert spoken.run_after is not None
    settles = timedelta(seconds=SETTLES_S)
    assert before + settles <= spoken.run_after <= datetime.now(UTC) + settles


async def test_a_schedule_is_found_by_its_name_paused_and_deleted_after_a_yes(
    make_chief: MakeChief, ops: AgentOpsClient
) -> None:
    model = ScriptedModel(
        Call("schedule", {"title": "Weekly report", "when": "0 9 * * MON"}), OK,
        Call("schedules", {"action": "pause", "name": "the weekly report"}), OK,
        Call("schedules", {"action": "delete", "name": "weekly report"}), Speech("Shall I?"),
        Call("confirm", {}), Speech("It is gone."),
    )  # fmt: skip
    person = Person(make_chief(model))
    await person.says("a weekly report on Mondays at nine")
    await person.says("pause the weekly report")
    assert (await ops.list_schedules())[0].status is ScheduleStatus.PAUSED

    await person.says("delete the weekly report")
    assert await ops.list_schedules()
    await person.says("yes")
    assert not await ops.list_schedules()


async def test_a_brief_tells_what_is_late_and_what_is_due_today(
    make_chief: MakeChief, ops: AgentOpsClient
) -> None:
    now = datetime.now().astimezone()
    await ops.create_task(NewTask(title="Late", due_at=now - timedelta(days=1)))
    await ops.create_task(NewTask(title="Later", due_at=now + timedelta(days=3)))
    model = ScriptedModel(Call("brief", {}), OK)
    await Person(make_chief(model)).says("my brief please")

    told = model.last_outcome.overview
    assert told is not None
    assert [row.title for row in told.overdue] == ["Late"]
    assert "Later" not in [row.title for row in told.due_today]


async def test_everything_is_paused_after_a_yes_and_goes_on_at_once(
    make_chief: MakeChief, ops: AgentOpsClient
) -> None:
    model = ScriptedModel(
        Call("pause_all", {"reason": "wrong customer"}), Speech("Shall I pause everything?"),
        Call("confirm", {}), Speech("Everything is paused."),
        Call("resume_all", {}), Speech("Everything goes on."),
    )  # fmt: skip
    person = Person(make_chief(model))
    await person.says("pause everything")
    assert not (await ops.system()).paused
    reply = await person.says("yes")
    assert (await ops.system()).paused
    assert [action.type for action in reply.actions] == ["system.paused"]
    await person.says("resume")
    assert not (await ops.system()).paused


async def test_only_the_owner_pauses_everything(make_chief: MakeChief, ops: AgentOpsClient) -> None:
    model = ScriptedModel(Call("pause_all", {}), Speech("Only the owner may do that."))
    await Person(make_chief(model), "person-p-1", role="member").says("pause everything")

    assert model.last_error == "owner_only"


async def test_a_budget_is_set_lowered_and_shown_at_once(make_chief: MakeChief, ops: AgentOpsClient) -> None:
    model = ScriptedModel(
        Call("budget", {"action": "set", "limit": 10}),
        Call("budget", {"action": "set", "limit": 2.5}),
        Call("budget", {}),
        OK,
    )
    await Person(make_chief(model)).says("at most 10 a day, no, 2.5")

    assert [one.limit for one in await ops.list_budgets()] == [2_500_000]
    assert model.last_outcome.budgets is not None
    assert model.last_outcome.budgets[0].limit == 2.5


async def test_what_was_said_is_found_again(make_chief: MakeChief) -> None:
    model = ScriptedModel(OK, Call("search_conversation", {"words": "plumber"}), OK)
    person = Person(make_chief(model))
    await person.says("the plumber is called Joe")
    await person.says("what was the plumber's name?")

    assert model.last_outcome.turns is not None
    assert [turn.text for turn in model.last_outcome.turns] == ["the plumber is called Joe"]


async def test_what_was_spent_is_there_to_see(make_chief: MakeChief, ops: AgentOpsClient) -> None:
    new = NewBudget(scope=BudgetScope.ALL, unit=BudgetUnit.TOKENS, period=BudgetPeriod.DAY, limit=1_000)
    await ops.create_budget(new)
    model = ScriptedModel(Call("budget", {}), OK)
    await Person(make_chief(model)).says("how is my budget?")

    row = (model.last_outcome.budgets or [])[0]
    assert (row.unit, row.limit, row.spent, row.state) == ("tokens", 1_000, 0, "ok")
