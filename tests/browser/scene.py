"""A ledger as it looks after a busy day: something of everything, for pictures and for axe."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from agentops import AgentOpsClient
from agentops.wire import (
    ApprovePairing,
    BudgetPeriod,
    BudgetScope,
    BudgetUnit,
    GateKind,
    NewBudget,
    NewContact,
    NewPairing,
    NewProject,
    NewSchedule,
    NewSkill,
    NewTask,
    NewTurn,
    Person,
    PersonId,
    Priority,
    ProjectId,
    ScheduledNotice,
    SkillUse,
    Task,
    TaskId,
    UsageKind,
    UsageRecord,
)
from tests.browser.pictures import PNG
from tests.browser.worker import Worker

REPORT = (
    b"# sales.csv\n\n|column|mean|max|\n|-|-:|-:|\n|units|6.2|19|\n\n- North sells twice what South does.\n"
)
CSV = b"date,region,units,price,revenue\n2026-01-12,North,3,9.90,29.70\n2026-01-13,South,7,12.50,87.50\n"
CODE = b"import csv\n\n\ndef total(rows: list[dict]) -> float:\n    return sum(row['x'] for row in rows)\n"
LONG = "Averyveryverylongwordwithoutanyspace" * 4


@dataclass(frozen=True)
class Scene:
    """Where the pages of single things are."""

    project: ProjectId
    person: PersonId
    done: TaskId
    asking: TaskId

    @property
    def paths(self) -> dict[str, str]:
        """Every page, by name."""
        return {
            "overview": "/",
            "talk": "/talk",
            "tasks": "/tasks",
            "tasks-board": "/tasks?view=board",
            "task": f"/tasks/{self.done}",
            "task-asking": f"/tasks/{self.asking}",
            "projects": "/projects",
            "project": f"/projects/{self.project}",
            "agents": "/agents",
            "people": "/people",
            "person": f"/people/{self.person}",
            "costs": "/costs",
            "settings": "/settings",
            "not-found": "/nowhere",
        }


async def build(ops: AgentOpsClient, worker: Worker) -> Scene:
    """Fill an empty ledger, with names that are long and names that are not."""
    project = await ops.create_project(
        NewProject(name="Move to the new office", description="By the end of **May**, without a day off.")
    )
    await ops.create_project(NewProject(name=f"Taxes {LONG}"))
    asking = await _questions(ops, worker, project.id)
    await _failed(ops, worker)
    done = await _done(ops, worker)
    await _running(ops, worker)
    await _waiting(ops, project.id)
    await _said(ops, done)
    person = await _people(ops)
    await _spent(ops, project.id)
    await _set(ops, worker)
    return Scene(project.id, person.id, done, asking)


async def _questions(ops: AgentOpsClient, worker: Worker, project: ProjectId) -> TaskId:
    desk = await ops.create_task(
        NewTask(title="Order the desk", priority=Priority.CRITICAL, project_id=project)
    )
    await worker.take(desk)
    await worker.ask("Order the oak desk for **640 €**, delivered on 12 May?", kind=GateKind.APPROVAL)
    plan = await ops.create_task(NewTask(title=f"Plan {LONG}"[:200]))
    await worker.take(plan)
    await worker.ask(f"Which week? {LONG}", "12 May", LONG)
    return desk.id


async def _failed(ops: AgentOpsClient, worker: Worker) -> None:
    task = await ops.create_task(NewTask(title="Convert the invoices"))
    await worker.take(task)
    await worker.give_up(f"Line 17: 6 fields where 5 were expected. {LONG}")


async def _done(ops: AgentOpsClient, worker: Worker) -> TaskId:
    given = await ops.upload("sales.csv", CSV, media_type="text/csv")
    task = await ops.create_task(
        NewTask(
            title="Analyse sales.csv",
            description="What stands out?",
            acceptance_criteria=["One chart", "Three findings"],
            priority=Priority.HIGH,
            attachments=[given.id],
        )
    )
    await worker.take(task)
    await worker.make("chart.png", "image/png", PNG)
    await worker.make(f"{LONG}.md", "text/markdown", REPORT)
    await worker.make("total.py", "text/x-python", CODE)
    await worker.make("summary.wav", "audio/wav", b"RIFF$\x00\x00\x00WAVEfmt ")
    wide = (",".join(["column"] * 12) + "\n" + ",".join(["1234567.89"] * 12)).encode()
    await worker.make("wide.csv", "text/csv", wide)
    await worker.finish(f"Revenue is **€84,120**, 12% above last month. {LONG}")
    return task.id


async def _running(ops: AgentOpsClient, worker: Worker) -> None:
    task = await ops.create_task(NewTask(title="Collect prices of three offers"))
    await worker.take(task)
    await worker.progress(0.62, "Reading offer 2 of 3")


async def _waiting(ops: AgentOpsClient, project: ProjectId) -> None:
    async def waiting(title: str, *before: Task) -> Task:
        ids = [task.id for task in before]
        return await ops.create_task(NewTask(title=title, project_id=project, depends_on=ids))

    offers = await waiting("Collect offers of movers")
    plan = await waiting("Draw the plan of the rooms")
    movers = await waiting("Choose the movers", offers)
    furniture = await waiting("Order furniture that fits", plan)
    day = await waiting("Fix the day of the move", movers, furniture)
    await waiting("Tell everybody", day)
    await waiting("Cancel the old contracts", day)


async def _said(ops: AgentOpsClient, done: TaskId) -> None:
    said = (
        ("person", "telegram", "create a task to analyse this file, high priority"),
        ("chief", "telegram", "Created **task 4**: Analyse sales.csv, high priority."),
        ("person", "phone", "And what is going on with the move?"),
        ("chief", "phone", "Two things wait for you: the desk, and which week."),
        ("person", "web", LONG),
    )
    for place, (role, channel, text) in enumerate(said):
        await ops.record_turn("main", NewTurn(id=f"turn-{place}", role=role, channel=channel, text=text))
    files = [file.id for file in await ops.list_artifacts(done) if file.name == "chart.png"]
    notice = NewTurn(
        id="news", role="notice", channel="notice", text="Task 4 is done.", attachments=files, task_id=done
    )
    await ops.record_turn("main", notice)


async def _people(ops: AgentOpsClient) -> Person:
    first = await ops.create_pairing(
        NewPairing(channel="telegram", address="1001", display_name="Ada Lovelace")
    )
    owner = await ops.approve_pairing(ApprovePairing(code=first.code))
    await ops.add_contact(owner.id, NewContact(channel="phone", address="+4973190840"))
    await ops.create_pairing(NewPairing(channel="telegram", address="1002", display_name="Charles Babbage"))
    return owner


async def _spent(ops: AgentOpsClient, project: ProjectId) -> None:
    now = datetime.now(UTC)
    records = [
        UsageRecord(
            kind=kind,
            amount=amount * (3 + days_ago * 7 % 11),
            at=now - timedelta(days=days_ago),
            model="small" if days_ago % 3 else "large",
            agent="seed-1",
            project_id=project if days_ago % 4 else None,
        )
        for days_ago in range(0, 30, 2)
        for kind, amount in (
            (UsageKind.TOKENS_IN, 41_000),
            (UsageKind.TOKENS_OUT, 9_000),
            (UsageKind.MONEY, 180_000),
            (UsageKind.CALL_SECONDS, 37),
        )
    ]
    await ops.record_usage(records)
    for unit, period, limit in (
        (BudgetUnit.MONEY, BudgetPeriod.MONTH, 50_000_000),
        (BudgetUnit.TOKENS, BudgetPeriod.DAY, 160_000),
    ):
        await ops.create_budget(NewBudget(scope=BudgetScope.ALL, unit=unit, period=period, limit=limit))


async def _set(ops: AgentOpsClient, worker: Worker) -> None:
    about = "Describes a table: rows, columns, gaps, outliers, one chart for each number."
    await ops.register_skill(NewSkill(name="csv-report", sha256="a" * 64, description=about))
    await asyncio.gather(
        *(ops.note_skill_use("csv-report", SkillUse(version=1, succeeded=n % 5 != 0)) for n in range(9))
    )
    await ops.register_skill(NewSkill(name=f"convert-{LONG}"[:100], sha256="b" * 64))
    await ops.create_schedule(
        NewSchedule(
            name="Morning report",
            cron="30 8 * * MON-FRI",
            time_zone="Europe/Paris",
            task=NewTask(title="Report on yesterday's sales"),
        )
    )
    await ops.create_schedule(
        NewSchedule(
            name="Call the bank",
            at=datetime.now(UTC) + timedelta(days=2),
            notice=ScheduledNotice(session="main", text="You wanted to call the bank."),
        )
    )
