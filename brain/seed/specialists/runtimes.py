"""Where a specialist runs: as a process of its own (here) or in a container (`docker`)."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from brain.seed.specialists.spec import Specialist

STOPS_WITHIN_S = 5.0


class Running(Protocol):
    """A specialist that was started."""

    async def ended(self) -> int:
        """Waits until it has ended; its exit status. 0: it had nothing more to do."""

    async def stop(self) -> None:
        """Ends it: asks, then insists."""


class Runtime(Protocol):
    """A way to start specialists."""

    async def start(self, specialist: Specialist, file: Path) -> Running:
        """Starts one.

        Args:
            specialist: Which.
            file: Where it stands on the roster.

        Raises:
            RosterRefused: It cannot be started; the message says what is missing.
        """

    async def clear(self, specialist: Specialist) -> None:
        """Ends what a keeper that was killed may have left of one that is off the roster.

        Raises:
            RosterRefused: It cannot be ended now.
        """


def variables_of(specialist: Specialist, file: str, told: Mapping[str, str]) -> dict[str, str]:
    """What a specialist's process is told: its own key to the ledger, and no other.

    Args:
        specialist: Which.
        file: Where its process finds that file.
        told: What the starting worker passes on: where the ledger is, the model and its keys.
    """
    memory_mb = str(max(256, specialist.spec.memory_mb))
    own = {"LEDGER_API_KEY": specialist.secret, "SEED_SPECIALIST": file, "SEED_SKILL_MEMORY_MB": memory_mb}
    return {**told, **own}


@dataclass(frozen=True)
class Processes:
    """Each specialist is a process of this machine.

    Attributes:
        told: Variables for all of them, those of the system among them.
        logs: Where each writes `specialist-<name>.log`.
    """

    told: Mapping[str, str]
    logs: Path

    async def start(self, specialist: Specialist, file: Path) -> Running:
        """As `Runtime.start`."""
        await asyncio.to_thread(self.logs.mkdir, parents=True, exist_ok=True, mode=0o700)
        with (self.logs / f"specialist-{specialist.spec.name}.log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "brain.seed"),
                env=variables_of(specialist, str(file), self.told),
                stdin=asyncio.subprocess.PIPE,  # it ends when this closes, however its keeper goes
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return _Process(process)

    async def clear(self, specialist: Specialist) -> None:
        """As `Runtime.clear`: a process goes with its keeper."""


@dataclass(frozen=True)
class _Process:
    process: asyncio.subprocess.Process

    async def ended(self) -> int:
        return await self.process.wait()

    async def stop(self) -> None:
        with suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(STOPS_WITHIN_S):
                await self.process.wait()
        except TimeoutError:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            await self.process.wait()
