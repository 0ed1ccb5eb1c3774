"""What every queue under measurement can do, so that all are measured by the same code."""

from abc import ABC, abstractmethod
from typing import ClassVar

CONCURRENCY = 16
"""Producers, and workers, at once; the same for all."""
BATCHES = (50, 200)
"""Tasks in one batch. All are measured with each, and the best figure of each counts."""


class Contender(ABC):
    """A queue with its worker. What it puts in it also drains: every method leaves it empty but `create`."""

    name: str
    includes: ClassVar[str]
    """What a figure pays for, in a line."""
    durable: ClassVar[bool] = True
    """Whether what it acknowledged is in PostgreSQL, on disk."""
    batches: ClassVar[bool] = False
    """Whether it offers to take and finish many at once."""

    @abstractmethod
    async def create(self, count: int) -> None:
        """Puts `count` tasks in, one a request, `CONCURRENCY` at once."""

    @abstractmethod
    async def work(self, count: int) -> None:
        """Takes and finishes `count` waiting tasks one by one, `CONCURRENCY` at once."""

    async def work_in_batches(self, count: int, size: int) -> None:
        """The same in batches of `size`."""
        raise NotImplementedError

    @abstractmethod
    async def pickup(self, count: int) -> list[float]:
        """Seconds from asking to put a task in until an idle worker holds it, `count` times in turn."""
