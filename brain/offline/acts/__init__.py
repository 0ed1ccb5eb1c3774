"""What is done about each intent: one function each, from a goal to the next move.

A function is called anew after every tool result of the turn, and works out from the goal's outcomes how far
it has come. `ACTS` names them all; one module for each kind of matter.
"""

from collections.abc import Callable, Mapping

from brain.offline.acts import asking, calling, changing, creating, memory, running, sending, talking, timing
from brain.offline.dialogue import Move
from brain.offline.goals import Goal

ACTS: Mapping[str, Callable[[Goal], Move]] = {
    **asking.ACTS,
    **calling.ACTS,
    **changing.ACTS,
    **creating.ACTS,
    **memory.ACTS,
    **running.ACTS,
    **sending.ACTS,
    **talking.ACTS,
    **timing.ACTS,
}

__all__ = ["ACTS"]
