"""What a command may take, and what became of it."""

from dataclasses import dataclass
from typing import Literal

Stopped = Literal["time", "memory", "disk", "output"]
"""Which limit ended a command."""


@dataclass(frozen=True)
class Limits:
    """The most that one command and everything it starts may take."""

    wall_s: float = 60.0
    cpu_s: int = 60
    """Of each process."""
    memory_mb: int = 1024
    """Of all processes together; a single one cannot even ask for more."""
    processes: int = 64
    """Threads count too."""
    disk_mb: int = 256
    """Of the workspace, files that were there before included; once more for /tmp."""
    files: int = 10_000
    """In the workspace."""
    output_bytes: int = 1_000_000
    """Of standard output and of standard error each."""


@dataclass(frozen=True)
class Ran:
    """A command that came to an end, by itself or not."""

    exit: int
    """Its status; 128 + the signal's number if one ended it."""
    stdout: bytes
    stderr: bytes
    seconds: float
    stopped: Stopped | None = None
    """The limit that ended it; None: it ended by itself."""
    refused: tuple[str, ...] = ()
    """What was left in the workspace and is not taken over: symbolic links, devices, pipes."""

    @property
    def succeeded(self) -> bool:
        """Whether it ended by itself, with status 0."""
        return self.exit == 0 and self.stopped is None
