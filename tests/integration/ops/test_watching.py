"""Alerts and dashboards: of figures that are exported, understood by a real Prometheus."""

import asyncio
import os
import re
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette

import brain.chief.metrics
import brain.metrics
import brain.seed.metrics
import brain.seed.sandbox.metrics
import gateway.phone.metrics
import gateway.telegram.metrics
import ui.metrics
from agentops import AgentOpsClient, KeyVerifier
from agentops.wire import NewTask
from brain.chief.facts import Facts
from brain.chief.http import ChatServices, create_app
from brain.seed.watching import door
from gateway.session.memory import MemorySessionStream
from gateway.session.memos import MemoryMemos
from gateway.session.metrics import Histogram, StreamMetrics
from gateway.web.watching import exposition
from ledger.watching.requests import Counted
from ops.grafana.__main__ import FOLDER, rendered
from ops.grafana.boards import BOARDS
from tests.ledger_fixtures import AGENT_KEY, READER_KEY
from tests.ports import free_base_port
from tests.waiting import eventually
from ui.watching import MetricsRoutes

ROOT = Path(__file__).resolve().parents[3]
PROMETHEUS = ROOT / "ops" / "prometheus"
RUNBOOKS = ROOT / "docs" / "runbooks"
ELSEWHERE = {"up", "probe_ssl_earliest_cert_expiry"}
"""Prometheus' own, and the blackbox exporter's."""
PROCESSES = (
    brain.metrics,
    brain.chief.metrics,
    brain.seed.metrics,
    brain.seed.sandbox.metrics,
    gateway.phone.metrics,
    gateway.telegram.metrics,
    ui.metrics,
)
"""What they export is in prometheus_client's registry once they are imported."""
_FIGURE = re.compile(r"\b(?:ledger|cos|process|probe)_[a-z0-9_]+\b|\bup\b")
_SUFFIX = re.compile(r"_(bucket|count|sum)$")


def rules() -> list[dict[str, Any]]:
    """Every alert."""
    told = yaml.safe_load((PROMETHEUS / "rules.yml").read_text())
    return [rule for group in told["groups"] for rule in group["rules"]]


def queries() -> Iterator[tuple[str, str]]:
    """Everything that is asked of Prometheus, and by whom."""
    yield from ((rule["alert"], rule["expr"]) for rule in rules())
    for board in BOARDS:
        for panel in board.panels:
            yield from ((f"{board.title}: {panel.title}", query) for query in panel.queries.values())


def figures(query: str) -> set[str]:
    """The names of what a query asks for."""
    plain = re.sub(r'"[^"]*"|by \([^)]*\)', "", query)
    return {_SUFFIX.sub("", name) for name in _FIGURE.findall(plain)}


def names_in(registry: CollectorRegistry) -> set[str]:
    """What a registry exports, counters with their suffix."""
    return {family.name + ("_total" if family.type == "counter" else "") for family in registry.collect()}


def conversation() -> set[str]:
    """What the gateway exports of the session stream."""
    none = Histogram(bounds_s=(1.0,), counts=(0, 0), sum_s=0.0)
    seen = StreamMetrics(
        turns_waiting=0, oldest_turn_age_s=0, sessions_waiting=0, recipients_waiting={"web": 0}, latency=none,
        turns_set_aside=0, turns_refused=0, delivered=0, undeliverable=0,
    )  # fmt: skip
    return {line.split()[2] for line in exposition(seen) if line.startswith("# TYPE")}


async def of_the_ledger(url: str) -> set[str]:
    """What a real one exports."""
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {READER_KEY}"}) as client:
        text = (await client.get(f"{url}/api/v1/metrics")).text
    return {family.name for family in text_string_to_metric_families(text)}


async def test_every_figure_that_is_named_is_exported(ledger_url: str) -> None:
    assert all(module.__name__ for module in PROCESSES)
    exported = await of_the_ledger(ledger_url) | names_in(Counted().registry) | conversation()
    exported |= names_in(REGISTRY) | ELSEWHERE
    for who, query in queries():
        assert figures(query) <= exported, who


def pages(keys: KeyVerifier) -> dict[str, tuple[Any, str]]:
    """Part → its application, and one name that its `/metrics` tells."""

    async def ready() -> dict[str, str]:
        return {}

    services = ChatServices(
        stream=MemorySessionStream(),
        keys=keys,
        default_session="main",
        wait_s=1,
        ready=ready,
        facts=Facts(MemoryMemos()),
    )
    return {
        "chief": (create_app(services), "cos_chief_turns_total"),
        "seed": (door(keys), "cos_seed_tasks_total"),
        "ui": (Starlette(routes=list(MetricsRoutes(keys).routes())), "cos_panel_tabs"),
    }


async def test_every_part_tells_its_figures_to_readers_only(ledger_url: str) -> None:
    async with KeyVerifier(ledger_url) as keys:
        for part, (app, name) in pages(keys).items():
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url="http://part") as client:
                answers = [await client.get("/metrics", headers=bearing(key)) for key in WRONG]
                told = await client.get("/metrics", headers=bearing(READER_KEY))
            assert [answer.status_code for answer in answers] == [401, 401, 403], part
            assert "cos_" not in "".join(answer.text for answer in answers), part
            assert told.status_code == 200, part
            assert f"# TYPE {name}" in told.text
            assert told.headers["content-type"].startswith("text/plain; version=0.0.4")


WRONG = ("", "wrong", AGENT_KEY)


def bearing(key: str) -> dict[str, str]:
    """The header that a key comes in."""
    return {"Authorization": f"Bearer {key}"} if key else {}


def test_every_alert_has_a_runbook_and_every_runbook_an_alert() -> None:
    alerts = {rule["alert"] for rule in rules()}
    assert {path.stem for path in RUNBOOKS.glob("*.md")} == alerts
    for rule in rules():
        assert rule["annotations"]["runbook"] == f"docs/runbooks/{rule['alert']}.md"
        assert rule["labels"]["severity"] in {"critical", "warning", "info"}


def test_the_dashboards_are_as_they_were_written_down() -> None:
    written = {path.stem: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.json")}
    assert written == {board.uid: rendered(board) for board in BOARDS}, "run `python -m ops.grafana`"


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed (package prometheus)")
async def test_the_alerts_fire_when_they_should() -> None:
    for words in (("check", "rules", "rules.yml"), ("test", "rules", "rules.test.yml")):
        process = await asyncio.create_subprocess_exec(
            "promtool",
            *words,
            cwd=PROMETHEUS,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        assert process.returncode == 0, said.decode()


@asynccontextmanager
async def prometheus(folder: Path, ledger: str) -> AsyncIterator[httpx.AsyncClient]:
    """A real one, that scrapes this ledger with the rules of this project."""
    address = f"127.0.0.1:{free_base_port()}"
    (folder / "reader.key").write_text(READER_KEY)
    config = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())
    [scrape] = [job for job in config["scrape_configs"] if job["job_name"] == "ledger"]
    scrape["static_configs"] = [{"targets": [ledger.removeprefix("http://")]}]
    mine = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(PROMETHEUS / "rules.yml")],
        "scrape_configs": [scrape],
    }
    (folder / "prometheus.yml").write_text(yaml.safe_dump(mine))
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(
        "prometheus", f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address={address}", stdout=quiet, stderr=quiet,
        env={"PATH": os.defpath, "GOMAXPROCS": "1"},
    )  # fmt: skip
    try:
        async with httpx.AsyncClient(base_url=f"http://{address}/api/v1", timeout=10) as client:
            yield client
    finally:
        process.terminate()
        await process.wait()


@pytest.mark.long  # test_watched asks the same of all parts together
@pytest.mark.skipif(shutil.which("prometheus") is None, reason="prometheus is not installed")
async def test_a_real_prometheus_scrapes_the_ledger_and_understands_every_query(
    ledger_url: str, ops: AgentOpsClient, tmp_path: Path
) -> None:
    await ops.create_task(NewTask(title="to be seen"))
    async with prometheus(tmp_path, ledger_url) as client:

        async def ask(query: str) -> dict[str, Any]:
            answer = (await client.get("/query", params={"query": query})).json()
            assert answer["status"] == "success", answer
            return dict(answer["data"])

        async def scraped() -> bool:
            try:
                return bool((await ask('ledger_tasks{status="pending"}'))["result"])
            except httpx.TransportError:
                return False

        await eventually(scraped, timeout_s=60, every_s=0.2)
        [found] = (await ask('ledger_tasks{status="pending"}'))["result"]
        assert found["value"][1] == "1"
        for _, query in queries():
            await ask(query.replace("$__rate_interval", "1m"))
        known = (await client.get("/rules")).json()["data"]["groups"]
        assert {rule["name"] for group in known for rule in group["rules"]} == {
            one["alert"] for one in rules()
        }
