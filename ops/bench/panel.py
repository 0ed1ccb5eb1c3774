"""What the panel costs: how late a change is on the screen, and how much memory it takes.

Twenty tabs of a real Chromium look at a ledger with a hundred thousand tasks. A change is late by the time
between its row in the ledger and the frame that a tab paints it in.
"""

import asyncio
import os
import secrets
import shutil
import signal
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import msgspec
import psutil

from agentops import AgentOpsClient
from agentops.wire import NewKey, NewTask, Scope
from ops.bench import filling, stage
from ops.embedded import processes
from ops.errors import OpsError, StartFailed

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

PAGES = ("/tasks", "/", "/tasks?view=board", "/agents")
"""What the tabs look at, in turn; new tasks are seen by the first and the third."""
SHOWN_ON = frozenset({"/tasks", "/tasks?view=board"})
GOAL_P95_MS = 300.0
GOAL_MB = 250.0
START_S = 60.0
SEEN_WITHIN_MS = 10_000

_SEEN = f"""(title) => new Promise((done) => {{
    // Only what is new is looked through, and laid out once: watching must not cost what it measures.
    const shows = (node) => node.textContent.includes(title)
        && (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement)?.getClientRects().length;
    const watch = new MutationObserver((records) => {{
        const changed = (one) => (one.addedNodes.length ? [...one.addedNodes] : [one.target]);
        if (!records.flatMap(changed).some(shows)) return;
        watch.disconnect();
        requestAnimationFrame(() => {{
            const painted = new MessageChannel();  // heard when the frame is through
            painted.port1.onmessage = () => done(Date.now());
            painted.port2.postMessage(0);
        }});
    }});
    watch.observe(document.body, {{ childList: true, subtree: true, characterData: true }});
    setTimeout(() => done(0), {SEEN_WITHIN_MS});
}})"""


class PanelFigures(msgspec.Struct, frozen=True):
    """What was measured."""

    tabs: int
    tasks: int
    changes: int
    p50_ms: float
    p95_ms: float
    max_ms: float
    missed: int
    """Changes that a tab did not show within ten seconds."""
    alone_mb: float
    """Resident memory of the panel before the first tab."""
    with_tabs_mb: float
    panel_cpu_ms: float
    """What the panel computes for one change, over all tabs: a busy machine changes it little."""
    ledger_cpu_ms: float
    """What the ledger computes for one change, its PostgreSQL not counted."""
    browser_cpu_ms: float
    """What Chromium computes for one change, over all tabs: on one's own desk, only one's own tabs do."""

    def told(self) -> str:
        """In lines, with the goals."""
        late = self.p95_ms <= GOAL_P95_MS and not self.missed
        big = self.with_tabs_mb <= GOAL_MB
        return (
            f"{_mark(late)} event to pixel, {self.tabs} tabs, {self.tasks:,} tasks, {self.changes} changes: "
            f"p50 {self.p50_ms:.0f} ms, p95 {self.p95_ms:.0f} ms, max {self.max_ms:.0f} ms, "
            f"{self.missed} missed (goal p95 {GOAL_P95_MS:.0f} ms)\n"
            f"{_mark(big)} memory of the panel: {self.alone_mb:.0f} MB alone, "
            f"{self.with_tabs_mb:.0f} MB with {self.tabs} tabs (goal {GOAL_MB:.0f} MB)\n"
            f"     each change costs {self.panel_cpu_ms:.0f} ms of CPU in the panel, "
            f"{self.ledger_cpu_ms:.0f} ms in the ledger and {self.browser_cpu_ms:.0f} ms in the browser"
        )


async def run(*, tabs: int, tasks: int, changes: int, say: Callable[[str], None]) -> PanelFigures:
    """Measure it on servers of its own.

    Raises:
        OpsError: There is no Chromium or no Playwright here.
    """
    with tempfile.TemporaryDirectory(prefix="cos-bench-") as folder:
        home = Path(folder)
        async with stage.opened(home) as servers:
            dsn = await servers.database("bench_panel")
            async with servers.ledger(dsn) as ledger:
                say(f"filling the ledger with {tasks:,} tasks …")
                await filling.fill(dsn, tasks)
                url = "http://{}:{}".format(*ledger.address)
                async with AgentOpsClient(url, ledger.admin_key) as ops, _panel(home, url, ops) as panel:
                    say(f"opening {tabs} tabs …")
                    plan = _Plan(tabs=tabs, tasks=tasks, changes=changes, ledger=ledger)
                    return await _measured(ops, panel, plan)


@dataclass(frozen=True)
class _Plan:
    tabs: int
    tasks: int
    changes: int
    ledger: stage.LedgerProcess


class _Panel(msgspec.Struct, frozen=True):
    url: str
    pid: int

    @property
    def resident_mb(self) -> float:
        return float(psutil.Process(self.pid).memory_info().rss) / 1e6

    @property
    def cpu_s(self) -> float:
        times = psutil.Process(self.pid).cpu_times()
        return float(times.user + times.system)


@asynccontextmanager
async def _panel(home: Path, ledger_url: str, ops: AgentOpsClient) -> AsyncIterator[_Panel]:
    """A panel as `cos run ui` makes it."""
    reader = await ops.create_key(NewKey(name="panel", scope=Scope.READER))
    port = stage.free_port()
    log = home / "logs" / "ui.log"
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | {
        "COS_HOME": str(home),
        "UI_PORT": str(port),
        "LEDGER_URL": ledger_url,
        "LEDGER_API_KEY": reader.secret,
        "GATEWAY_URL": f"http://127.0.0.1:{stage.free_port()}",
        "LOG_LEVEL": "error",
    }
    command = (sys.executable, "-P", "-m", "ops.runner", "ui")
    process = await processes.spawn(command, directory=home, environment=environment, log=log)
    try:
        panel = _Panel(f"http://127.0.0.1:{port}", process.pid)
        await _ready(panel.url, process, log)
        yield panel
    finally:
        await processes.stop(process, (signal.SIGTERM, 5.0))


async def _ready(url: str, process: asyncio.subprocess.Process, log: Path) -> None:
    deadline = asyncio.get_running_loop().time() + START_S
    async with httpx.AsyncClient(trust_env=False) as http:
        while asyncio.get_running_loop().time() < deadline and process.returncode is None:
            try:
                if (await http.get(f"{url}/health/ready")).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)
    raise StartFailed(f"The panel did not start:\n{processes.tail(log)}")


async def _measured(ops: AgentOpsClient, panel: _Panel, plan: _Plan) -> PanelFigures:
    alone = panel.resident_mb
    async with _browser() as browser:
        pages = await _opened(browser, ops, panel, plan.tabs)
        looking = [page for page in pages if _path(page.url) in SHOWN_ON]
        await _calm(pages)
        before = panel.cpu_s, plan.ledger.cpu_s(), _browser_cpu_s()
        late = [one for _ in range(plan.changes) for one in await _change(ops, looking)]
        after = panel.cpu_s, plan.ledger.cpu_s(), _browser_cpu_s()
    shown = sorted(one for one in late if one) or [0.0, 0.0]
    return PanelFigures(
        tabs=plan.tabs,
        tasks=plan.tasks,
        changes=plan.changes,
        p50_ms=statistics.median(shown),
        p95_ms=statistics.quantiles(shown, n=20)[-1],
        max_ms=shown[-1],
        missed=sum(not one for one in late),
        alone_mb=alone,
        with_tabs_mb=panel.resident_mb,
        panel_cpu_ms=(after[0] - before[0]) * 1000 / plan.changes,
        ledger_cpu_ms=(after[1] - before[1]) * 1000 / plan.changes,
        browser_cpu_ms=(after[2] - before[2]) * 1000 / plan.changes,
    )


async def _opened(browser: "Browser", ops: AgentOpsClient, panel: _Panel, tabs: int) -> "list[Page]":
    """All tabs signed in and looking, each in front in a window of its own.

    Chromium draws a tab that is behind another hardly once a second: nobody sees it, and it says nothing.
    """
    first = await browser.new_context()
    login = await ops.create_login()
    await first.request.get(f"{panel.url}/login?token={login.token}")
    signed_in = await first.storage_state()
    pages = []
    for place in range(tabs):
        window = await browser.new_context(storage_state=signed_in)
        page = await window.new_page()
        await page.goto(panel.url + PAGES[place % len(PAGES)])
        await page.wait_for_function("window.did_handshake === true")
        pages.append(page)
    return pages


@asynccontextmanager
async def _browser() -> AsyncIterator["Browser"]:
    try:
        from playwright.async_api import async_playwright
    except ImportError as error:
        raise OpsError("This needs Playwright: install the dependency group `dev`.") from error
    program = shutil.which("chromium") or shutil.which("google-chrome-stable")
    if program is None:
        raise OpsError("This needs a Chromium: install the package `chromium`.")
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=arguments)
        try:
            yield browser
        finally:
            await browser.close()


async def _change(ops: AgentOpsClient, looking: Sequence["Page"]) -> list[float]:
    """Milliseconds from a new task's row to the frame that shows it, for each tab; 0 where it was missed."""
    title = f"Round {secrets.token_hex(4)}"
    seen = [asyncio.create_task(page.evaluate(_SEEN, title)) for page in looking]
    await asyncio.sleep(0.05)  # the watchers are in place
    task = await ops.create_task(NewTask(title=title))
    at = task.created_at.timestamp() * 1000
    return [max(0.1, float(one) - at) if one else 0.0 for one in await asyncio.gather(*seen)]


async def _calm(pages: Sequence["Page"]) -> None:
    """Until every tab has drawn what it was opened with: opening twenty at once is not what is measured."""
    for page in pages:
        await page.evaluate("new Promise((done) => requestIdleCallback(done, { timeout: 10000 }))")


def _browser_cpu_s() -> float:
    """Of all processes of the browser that this one started."""
    total = 0.0
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if "chrom" in process.name():
                times = process.cpu_times()
                total += times.user + times.system
    return total


def _path(url: str) -> str:
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _mark(good: bool) -> str:
    return "ok  " if good else "MISS"
