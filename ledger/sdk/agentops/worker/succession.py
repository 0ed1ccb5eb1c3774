"""Who comes next in a slot: where one is wanted, a result goes in and the next task comes in one trip."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from agentops.wire import Claim, ClaimNextRequest


@dataclass(frozen=True)
class Succession:
    """What an attempt says at its end to the worker whose slot it fills, and what it is told."""

    worked: Callable[[], None]
    """The work has stopped; the ledger is about to be told how it ended."""
    asking: Callable[[], AbstractContextManager[ClaimNextRequest | None]]
    """What to ask for with the result. None: the slot has its next task, or is to have none."""
    give: Callable[[Sequence[Claim]], None]
    """What came of asking, from within that block."""
