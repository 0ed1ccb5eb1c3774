"""What each role may do. Pure."""

from enum import StrEnum
from typing import Final

from agentops.wire import Role


class Right(StrEnum):
    """What a person may do."""

    TALK = "talk"
    """Say something in a session of their own, and be answered."""
    ACT = "act"
    """Have things done: create, change and cancel tasks, read what they came to."""
    ANSWER = "answer"
    """Answer the questions of tasks that they asked for."""
    APPROVE = "approve"
    """Decide what costs money or cannot be undone, whoever asked for it."""
    MANAGE = "manage"
    """Let people in, change budgets, read and change everybody's work."""


RIGHTS: Final[dict[Role, frozenset[Right]]] = {
    Role.OWNER: frozenset(Right),
    Role.MEMBER: frozenset({Right.TALK, Right.ACT, Right.ANSWER}),
    Role.GUEST: frozenset({Right.TALK}),
}


def may(role: Role | None, right: Right) -> bool:
    """Whether somebody of this role has the right; None is a stranger, who has none."""
    return role is not None and right in RIGHTS[role]
