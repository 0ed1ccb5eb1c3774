"""Installations that tests start by the real command, with the real parts."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from ops.launcher import Up
from ops.runstate import Home
from tests.ports import free_base_port

COS = (sys.executable, str(Path(sys.executable).parent / "cos"))
NOBODY = 65534
BOT_TOKEN = "1234567:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
MODEL_KEY = "sk-of-a-model-that-is-not-asked"
_CHEAP = {"COS_MODEL": "offline", "SEED_WARM": "false"}
"""No account, and no process that waits for work that never comes."""
PARTS = {"postgres", "redis", "ledger", "chief", "seed", "gateway", "ui"}


@dataclass(frozen=True)
class Installation:
    """A running `cos up --json`."""

    process: subprocess.Popen[str]
    home: Path
    up: Up
    errors: Path

    def cos(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run another `cos` command over the same home."""
        command = [*COS, *words, "--home", str(self.home)]
        return subprocess.run(
            command, capture_output=True, text=True, timeout=60, check=False, env=environment(), cwd="/"
        )

    def pid(self, part: str) -> int:
        """As `running.json` has it now."""
        state = Home(self.home).read()
        assert state is not None
        return state.parts[part].pid

    def stop(self) -> None:
        """SIGTERM, and a clean end."""
        self.process.terminate()
        assert self.process.wait(timeout=20) == 0

    def close(self) -> None:
        """Stop it, if it still runs."""
        if self.process.poll() is None:
            self.stop()
        if self.process.stdout is not None:
            self.process.stdout.close()


def environment(**more: str) -> dict[str, str]:
    """What a person's shell has, without any setting of ours."""
    kept = ("PATH", "HOME", "LANG", "TMPDIR")
    return {name: os.environ[name] for name in kept if name in os.environ} | _CHEAP | more


Start = Callable[..., Installation]


def start_over(home: Path, *before: str, **more: str) -> Installation:
    """Start and wait for the one line; `before` is put in front of the command."""
    errors = home.parent / "stderr.txt"
    with errors.open("a") as log:
        process = subprocess.Popen(
            [*before, *COS, "up", "--json", "--home", str(home), "--base-port", str(free_base_port())],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=environment(**more),
            cwd="/",
        )
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        process.stdout.close()
        process.wait(timeout=20)
        raise AssertionError(errors.read_text()[-3000:])
    return Installation(process, home, msgspec.json.decode(line, type=Up), errors)
