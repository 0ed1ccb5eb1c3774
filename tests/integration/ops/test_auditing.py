"""The audit of this very repository, with the programs that it starts."""

import asyncio
from pathlib import Path

import pytest
from aiohttp import web

from ops.audit import checks
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[3]
SHA = "0" * 64

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]


def test_the_code_holds_no_danger_that_has_no_reason() -> None:
    assert checks.code(ROOT).problems == ()


def test_no_file_holds_a_secret() -> None:
    assert checks.secrets(ROOT).problems == ()


async def test_a_package_with_a_hole_is_told_and_one_without_is_not(tmp_path: Path) -> None:
    asked: list[str] = []

    async def query(request: web.Request) -> web.Response:
        name = (await request.json())["package"]["name"]
        asked.append(name)
        hole = {
            "id": "PYSEC-2026-1", "modified": "2026-01-01T00:00:00Z", "affected": [
                {"package": {"name": name, "ecosystem": "PyPI"}, "versions": ["1.0"],
                 "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]}]},
            ],
        }  # fmt: skip
        return web.json_response({"vulns": [hole]} if name == "leaky" else {})

    for lock in ("requirements.lock", "requirements-dev.lock"):
        (tmp_path / lock).write_text(
            f"leaky==1.0 --hash=sha256:{SHA}\nsound==2.0 --hash=sha256:{SHA}\n", encoding="utf-8"
        )
    app = web.Application()
    app.router.add_post("/v1/query", query)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        found = await asyncio.to_thread(checks.packages, tmp_path, f"http://127.0.0.1:{port}/v1/query")
    finally:
        await runner.cleanup()
    assert found.problems == ("leaky 1.0: PYSEC-2026-1, mended in 1.1",)
    assert {"leaky", "sound"} <= set(asked)


def test_a_database_that_does_not_answer_is_said(tmp_path: Path) -> None:
    for lock in ("requirements.lock", "requirements-dev.lock"):
        (tmp_path / lock).write_text(f"sound==2.0 --hash=sha256:{SHA}\n", encoding="utf-8")
    found = checks.packages(tmp_path, f"http://127.0.0.1:{free_port()}/v1/query")
    assert found.problems == ()
    assert "does not answer" in found.remark
