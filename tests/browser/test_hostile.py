"""Everything from the ledger is hostile: no script of it runs, and nothing leaves the host."""

import pytest
from playwright.async_api import Page, expect

from agentops import AgentOpsClient
from agentops.wire import NewTask, NewTurn, TaskId
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


@pytest.mark.parametrize("attack", ATTACKS)
async def test_a_hostile_ledger_shows_as_text(
    page: Page, panel: PanelProcess, worker: Worker, attack: str
) -> None:
    asked = await _blocked_task(panel.ops, worker, attack)
    done = await _finished_task(panel.ops, worker, attack)
    turn = NewTurn(id="turn-1", role="notice", channel="notice", text=attack, task_id=done)
    await panel.ops.record_turn("main", turn)

    for path in ("/", "/tasks", f"/tasks/{asked}", f"/tasks/{done}", "/talk"):
        await page.goto(f"{panel.url}{path}")
        await expect(page.get_by_role("navigation", name="Main")).to_be_visible()
        await page.wait_for_function("window.did_handshake === true")
        await page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        assert await page.evaluate("window.hit") is None
        assert await page.locator("main :is(script, iframe, style)").count() == 0
        assert await page.locator("main img:not([src^='/files/'])").count() == 0
        assert await page.locator("main a[href^='javascript']").count() == 0
        assert await page.locator("form[action]").count() == 1  # signing out


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


async def _blocked_task(ops: AgentOpsClient, worker: Worker, attack: str) -> TaskId:
    task = await ops.create_task(
        NewTask(title=attack[:200], description=attack, acceptance_criteria=[attack[:500]])
    )
    await worker.take(task)
    await worker.ask(attack, attack[:500])
    return task.id


async def _finished_task(ops: AgentOpsClient, worker: Worker, attack: str) -> TaskId:
    task = await ops.create_task(NewTask(title=attack[:200]))
    await worker.take(task)
    await worker.progress(0.5, attack[:500])
    name = attack.replace("/", "_")[:100]
    for media_type in ("text/markdown", "text/csv", "text/html", "image/svg+xml", "image/png", "text/plain"):
        await worker.make(name, media_type, attack.encode())
    await worker.finish(attack)
    return task.id
