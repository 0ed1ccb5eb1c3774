"""Everything from the ledger is hostile: no script of it runs, and nothing leaves the host."""

from dataclasses import dataclass

import pytest
from playwright.async_api import Page, expect

from agentops import AgentOpsClient
from agentops.wire import (
    BudgetPeriod,
    BudgetScope,
    BudgetUnit,
    NewBudget,
    NewContact,
    NewKey,
    NewPairing,
    NewPerson,
    NewProject,
    NewSchedule,
    NewSkill,
    NewTask,
    NewTurn,
    Scope,
    TaskId,
    UsageKind,
    UsageRecord,
)
from tests.browser.panel import PanelProcess
from tests.browser.worker import Worker

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

ATTACKS = [
    "<script>window.hit=1</script>",
    "<img src=x onerror=window.hit=1>",
    "<svg/onload=window.hit=1>",
    "</script><script>window.hit=1</script>",
    "{{constructor.constructor('window.hit=1')()}}",
    "`${window.hit=1}`",
    "&lt;script&gt;window.hit=1&lt;/script&gt;",
    '"><img src=x onerror=window.hit=1>',
    "[x](javascript:window.hit=1) ![x](https://tracker.example/x.png)",
    "<a href='javascript:window.hit=1'>y</a>",
    "<style>@import 'https://tracker.example/x.css'; body{display:none}</style>",
    "<iframe srcdoc='<script>parent.hit=1</script>'></iframe>",
    "<form action='/logout' method='post'><button autofocus>x</button></form>",
]
ALL = "\n\n".join(ATTACKS)
MEDIA = ("text/markdown", "text/csv", "text/html", "image/svg+xml", "image/png", "text/plain", "audio/wav")
_CHECKS = {
    "window.hit ?? 0": 0,
    "document.querySelectorAll('main :is(script, iframe, style, object, embed)').length": 0,
    "document.querySelectorAll('main img:not([src^=\"/files/\"])').length": 0,
    "document.querySelectorAll('main a[href^=\"javascript\"]').length": 0,
    "document.querySelectorAll('form[action]').length": 1,  # signing out
}


@dataclass(frozen=True)
class Traps:
    """Where the attacks lie."""

    paths: tuple[str, ...]


async def test_a_hostile_ledger_shows_as_text(page: Page, panel: PanelProcess, worker: Worker) -> None:
    traps = await _lay(panel.ops, worker)
    for path in traps.paths:
        await page.goto(f"{panel.url}{path}")
        await expect(page.get_by_role("navigation", name="Main")).to_be_visible()
        await page.wait_for_function("window.did_handshake === true")
        await page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        for expression, expected in _CHECKS.items():
            assert await page.evaluate(expression) == expected, (path, expression)
        assert await page.evaluate("document.body.innerText.includes('window.hit')"), path


async def test_a_hostile_message_shows_as_text(page: Page, panel: PanelProcess) -> None:
    for place, attack in enumerate(ATTACKS):
        turn = NewTurn(id=f"turn-{place}", role="notice", channel="notice", text=attack)
        await panel.ops.record_turn("main", turn)
    await page.goto(f"{panel.url}/talk")
    await page.wait_for_function("window.did_handshake === true")
    for expression, expected in _CHECKS.items():
        assert await page.evaluate(expression) == expected, expression


async def test_a_forged_prefix_header_changes_no_script(page: Page, panel: PanelProcess) -> None:
    await page.set_extra_http_headers({"X-Forwarded-Prefix": '"></script><script>window.hit=1</script>'})
    await page.goto(panel.url)
    assert await page.evaluate("window.hit") is None


async def test_a_page_cannot_be_framed(page: Page, panel: PanelProcess) -> None:
    answer = await page.goto(panel.url)
    assert answer
    assert answer.headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "'unsafe-inline'" not in answer.headers["content-security-policy"].split("style-src")[0]


async def _lay(ops: AgentOpsClient, worker: Worker) -> Traps:
    """Attacks in every place that anybody may write to."""
    project = await ops.create_project(NewProject(name=ATTACKS[0], description=ALL))
    first = await ops.create_task(NewTask(title="Waited for", project_id=project.id))
    for attack in ATTACKS:
        await ops.create_project(NewProject(name=attack[:200], description=attack))
        waiting = NewTask(
            title=attack[:200], description=attack, project_id=project.id, depends_on=[first.id]
        )
        await ops.create_task(waiting)
    asked = await _blocked_task(ops, worker)
    done = await _finished_task(ops, worker)
    person = await ops.create_person(NewPerson(name=ATTACKS[1]))
    await ops.add_contact(person.id, NewContact(channel="telegram", address=ATTACKS[2], label=ATTACKS[3]))
    await ops.create_pairing(NewPairing(channel="telegram", address="7", display_name=ATTACKS[4]))
    for place, attack in enumerate(ATTACKS):
        await ops.record_usage([UsageRecord(kind=UsageKind.MONEY, amount=10_000, model=attack)])
        sha256 = f"{place:064x}"
        await ops.register_skill(NewSkill(name=f"skill-{place}", sha256=sha256, description=attack))
        await ops.create_schedule(
            NewSchedule(name=attack[:200], cron="0 8 * * *", task=NewTask(title=attack[:200]))
        )
    await ops.create_key(NewKey(name=ATTACKS[5], scope=Scope.READER))
    budget = NewBudget(
        scope=BudgetScope.ALL, unit=BudgetUnit.MONEY, period=BudgetPeriod.DAY, limit=1, name=ATTACKS[6]
    )
    await ops.create_budget(budget)
    tasks = (f"/tasks/{asked}", f"/tasks/{done}")
    lists = ("/", "/tasks", "/tasks?view=board", "/projects", f"/projects/{project.id}", "/agents")
    return Traps((*tasks, *lists, "/people", f"/people/{person.id}", "/costs", "/settings"))


async def _blocked_task(ops: AgentOpsClient, worker: Worker) -> TaskId:
    task = await ops.create_task(
        NewTask(title=ATTACKS[0], description=ALL, acceptance_criteria=[one[:500] for one in ATTACKS])
    )
    await worker.take(task)
    await worker.ask(ALL, *(attack[:500] for attack in ATTACKS[:10]))
    return task.id


async def _finished_task(ops: AgentOpsClient, worker: Worker) -> TaskId:
    task = await ops.create_task(NewTask(title=ATTACKS[1]))
    await worker.take(task)
    await worker.progress(0.5, ATTACKS[2])
    for place, attack in enumerate(ATTACKS):
        name = attack.replace("/", "_")[:100]
        await worker.make(name, MEDIA[place % len(MEDIA)], ALL.encode())
    await worker.finish(ALL)
    return task.id
