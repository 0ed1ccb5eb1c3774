"""The whole system under the eyes of a real Prometheus, as `python -m ops.prometheus` sets it up."""

import asyncio
import os
import re
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiohttp import web

from agentops.wire import NewTask
from tests.acceptance.stack import ROOT, Stack, clean_environment, running
from tests.botapi import BotApiServer
from tests.integration.ops.test_watching import figures, queries, rules
from tests.ports import free_port
from tests.waiting import eventually

PROGRAMS = ("prometheus", "promtool", "prometheus-alertmanager", "amtool")
MISSING = [name for name in PROGRAMS if shutil.which(name) is None]
NOT_HERE = {"up", "probe_ssl_earliest_cert_expiry"}
"""Prometheus' own, and the blackbox exporter's, which asks public addresses."""
ADA = 424242

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(400),
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}"),
]


@dataclass(frozen=True)
class Eyes:
    """A Prometheus and an Alertmanager over one stack."""

    stack: Stack
    telegram: BotApiServer
    prometheus: httpx.AsyncClient

    async def ask(self, query: str) -> list[dict[str, Any]]:
        """The series of an instant query. Raises AssertionError when it is not understood."""
        answer = (await self.prometheus.get("/query", params={"query": query})).json()
        assert answer["status"] == "success", answer
        return list(answer["data"]["result"])

    async def figure(self, query: str) -> float:
        """The sum of what a query finds."""
        return sum(float(one["value"][1]) for one in await self.ask(query))

    async def health(self) -> dict[str, str]:
        """Job → `up`, `down`, `unknown`."""
        answer = (await self.prometheus.get("/targets")).raise_for_status()
        targets = answer.json()["data"]["activeTargets"]
        return {one["labels"]["job"]: one["health"] for one in targets}


async def said_by(*words: str | Path, env: Mapping[str, str] | None = None) -> str:
    """What a command prints. Raises AssertionError on a failure."""
    process = await asyncio.create_subprocess_exec(
        *map(str, words), cwd=ROOT, env=env,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    return said.decode()


@asynccontextmanager
async def program(*words: str | Path) -> AsyncIterator[None]:
    """One that runs until the block ends."""
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*map(str, words), stdout=quiet, stderr=quiet)
    try:
        yield
    finally:
        process.terminate()
        await process.wait()


@asynccontextmanager
async def older(telegram: BotApiServer) -> AsyncIterator[str]:
    """The URL of the same server for an old client, which still sends what Telegram has renamed since."""

    async def relay(request: web.Request) -> web.Response:
        told = await request.json()
        told.pop("disable_web_page_preview", None)
        async with httpx.AsyncClient() as client:
            answer = await client.post(telegram.base_url + request.path, json=told)
        return web.Response(body=answer.content, status=answer.status_code, content_type="application/json")

    app = web.Application()
    app.router.add_post("/{path:.+}", relay)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()


def redirected(folder: Path, telegram: BotApiServer, to: str) -> None:
    """Alertmanager goes another way to Telegram."""
    text = (folder / "alertmanager.yml").read_text()
    assert telegram.base_url in text
    (folder / "alertmanager.yml").write_text(text.replace(telegram.base_url, to))


def hurried(folder: Path) -> None:
    """The same rules and routes, without the patience that people have."""
    for name, pattern, quick in (
        ("rules.yml", r"for: \w+", "for: 2s"),
        ("prometheus.yml", r"(scrape|evaluation)_interval: \w+", r"\1_interval: 1s"),
        ("alertmanager.yml", r"group_(wait|interval): \w+", r"group_\1: 1s"),
    ):
        text, found = re.subn(pattern, quick, (folder / name).read_text())
        assert found, name
        (folder / name).write_text(text)


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    """A process that is there and does nothing, which no supervisor notices."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@pytest.fixture
async def eyes(tmp_path: Path) -> AsyncIterator[Eyes]:
    """All of it, with the owner on Telegram."""
    alertmanager, folder = f"127.0.0.1:{free_port()}", tmp_path / "watching"
    async with AsyncExitStack() as opened:
        telegram = await opened.enter_async_context(BotApiServer())
        settings = {
            "TELEGRAM_BOT_TOKEN": telegram.token,
            "TELEGRAM_API_BASE": telegram.base_url,
            "TELEGRAM_ALLOWED_USERS": str(ADA),
            "SEED_PORT": str(free_port()),
            "LEDGER_AGENT_SILENCE_S": "5",
            "SEED_HEARTBEAT_S": "1",
        }
        stack = await opened.enter_async_context(running(tmp_path / "home", settings))
        await telegram.person("Ada", ADA).says("/status")
        await telegram.wait_for(lambda sent: sent.chat_id == ADA, timeout_s=60)
        here = (folder, "--home", stack.home, "--alertmanager", alertmanager)
        told = await said_by(sys.executable, "-m", "ops.prometheus", *here, env=clean_environment(settings))
        assert "its owner by Telegram" in told
        hurried(folder)
        redirected(folder, telegram, await opened.enter_async_context(older(telegram)))
        await said_by("promtool", "check", "config", folder / "prometheus.yml")
        await said_by("amtool", "check-config", folder / "alertmanager.yml")
        port = free_port()
        await opened.enter_async_context(
            program(
                "prometheus-alertmanager", f"--config.file={folder / 'alertmanager.yml'}",
                f"--storage.path={folder / 'alerts'}", f"--web.listen-address={alertmanager}",
                "--cluster.listen-address=",
            )
        )  # fmt: skip
        await opened.enter_async_context(
            program(
                "prometheus", f"--config.file={folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={folder / 'data'}", f"--web.listen-address=127.0.0.1:{port}",
            )
        )  # fmt: skip
        address = f"http://127.0.0.1:{port}/api/v1"
        client = await opened.enter_async_context(httpx.AsyncClient(base_url=address, timeout=10))
        found = Eyes(stack, telegram, client)

        async def all_up() -> bool:
            try:
                health = await found.health()
            except httpx.HTTPError:
                return False
            return len(health) == 5 and set(health.values()) == {"up"}

        await eventually(all_up, timeout_s=60, every_s=0.3)
        yield found


async def test_nothing_that_is_asked_for_is_missing_and_who_is_away_is_told_of(eyes: Eyes) -> None:
    await every_figure_is_scraped(eyes)
    await work_is_counted(eyes)
    await every_question_is_understood(eyes)
    await a_worker_that_hangs_is_told_to_the_owner(eyes)


async def every_figure_is_scraped(eyes: Eyes) -> None:
    known = set((await eyes.prometheus.get("/metadata")).json()["data"])
    # A counter's name in the metadata has no suffix where the exposition calls it so.
    missing = {
        who: figures(query) - known - NOT_HERE
        for who, query in queries()
        if figures(query) - known - NOT_HERE
    }
    assert missing == {}


async def work_is_counted(eyes: Eyes) -> None:
    answer = await eyes.stack.chat("main", "create a task to convert 3 miles to kilometres")
    assert answer.status_code == 200

    async def counted() -> bool:
        asked = (
            'cos_chief_turns_total{ended="answered", channel="api"}',
            'cos_seed_tasks_total{ended="completed"}',
            'cos_tool_calls_total{job="chief", tool="create_task", ended="success"}',
            'cos_seed_skill_runs_total{ended="completed"}',
            'cos_panel_events_total',
        )  # fmt: skip
        return all([await eyes.figure(query) >= 1 for query in asked])

    await eventually(counted, timeout_s=40, every_s=0.5)


async def every_question_is_understood(eyes: Eyes) -> None:
    for _, query in queries():
        await eyes.ask(query.replace("$__rate_interval", "1m"))
    groups = (await eyes.prometheus.get("/rules")).json()["data"]["groups"]
    loaded = [rule for group in groups for rule in group["rules"]]
    assert {rule["name"] for rule in loaded} == {one["alert"] for one in rules()}
    assert [rule["name"] for rule in loaded if rule["health"] != "ok"] == []


async def a_worker_that_hangs_is_told_to_the_owner(eyes: Eyes) -> None:
    seed = eyes.stack.pids_now()["seed"]
    with frozen(seed):
        async with eyes.stack.ops() as ops:
            await ops.create_task(NewTask(title="Convert 5 miles to kilometres"))
        told = await eyes.telegram.wait_for(
            lambda sent: sent.chat_id == ADA and "PartDown" in sent.text, timeout_s=60
        )
        assert "seed at 127.0.0.1:" in told.text
        assert "docs/runbooks/PartDown.md" in told.text
        idle = await eyes.telegram.wait_for(
            lambda sent: sent.chat_id == ADA and "NoWorker" in sent.text, timeout_s=60
        )
        assert "no worker is online" in idle.text
    over = await eyes.telegram.wait_for(
        lambda sent: "✅" in sent.text and "PartDown" in sent.text, timeout_s=60
    )
    assert over.chat_id == ADA
