"""Runs `cos …` inside this process, against servers that the test runs."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from typer.testing import CliRunner

from ops.cli import app


@dataclass(frozen=True)
class Answer:
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """What it printed, decoded."""
        return msgspec.json.decode(self.out)


@dataclass(frozen=True)
class Cos:
    """A command line with its environment and its COS_HOME."""

    home: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    async def __call__(self, *words: str, stdin: str = "", env: Mapping[str, str] | None = None) -> Answer:
        """Run one command, in a thread: it brings its own event loop."""
        said = {**self.environment, **(env or {}), "COS_HOME": str(self.home), "COLUMNS": "200"}
        result = await asyncio.to_thread(CliRunner(env=said).invoke, app, list(words), input=stdin)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Answer(result.exit_code, result.stdout, result.stderr)

    async def ok(self, *words: str, stdin: str = "", env: Mapping[str, str] | None = None) -> Answer:
        """The same, and it must succeed."""
        answer = await self(*words, stdin=stdin, env=env)
        assert answer.code == 0, f"cos {' '.join(words)}: {answer.err or answer.out}"
        return answer
