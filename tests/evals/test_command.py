"""`cos eval` with a model over the wire."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import structlog
from typer.testing import CliRunner

from ops.cli import app
from tests.modelapi import Calls, Says, Script, serving
from tests.modelapi.dialects import OPENAI

FILE = """
world: { now: 2026-11-25T09:00:00+01:00 }
conversations:
- { say: paint the fence, tool: create_task, with: { title: Paint the fence }, ledger: { more_tasks: 1 } }
- { say: hello, tool: none, hears: nice to meet you }
"""


@pytest.fixture(autouse=True)
def own_logging() -> Iterator[None]:
    """The command silences the log of its process."""
    yield
    structlog.reset_defaults()


async def test_the_table_tells_what_went_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "small.yaml"
    file.write_text(FILE)
    script: list[Script] = [
        Calls("create_task", {"title": "Paint the fence"}),
        Says("Created task 1."),
        Says("Go away."),
    ]
    # The command's loop ends with it, and its process as well: here, connections would outlive it.
    monkeypatch.setattr("brain.models.providers.KEPT", httpx.Limits(max_keepalive_connections=0))
    async with serving(OPENAI, *script) as api:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{api.url}/v1")
        monkeypatch.setenv("OPENAI_API_KEY", "k-1")
        ran = await asyncio.to_thread(CliRunner().invoke, app, ["eval", str(file), "--model", "openai:m"])

    assert ran.exit_code == 0, ran.output
    assert "openai:m, 2 conversations" in ran.output
    assert "small.yaml:2 “hello”: the reply lacks 'nice to meet you' | Go away." in ran.output
    assert ran.output.splitlines()[-1].split()[:5] == ["all", "2", "100.0%", "100.0%", "50.0%"]


def test_a_model_that_cannot_be_had_is_told(tmp_path: Path) -> None:
    file = tmp_path / "small.yaml"
    file.write_text(FILE)
    ran = CliRunner().invoke(app, ["eval", str(file), "--model", "grok:4"])
    assert ran.exit_code == 1
    assert "unknown provider, 'grok'" in ran.output
