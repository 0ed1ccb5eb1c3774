"""What a person is likely to mention: names and titles, for whoever listens to them."""

import asyncio
import re
from collections.abc import Awaitable, Iterator, Sequence
from typing import TypeVar

import structlog

from agentops import AgentOpsClient
from agentops.errors import AgentOpsError
from agentops.wire import Page, Task, TaskSort, TurnRecord
from gateway.session.turns import CALLS

T = TypeVar("T")
_TASKS, _PROJECTS, _TURNS = 100, 50, 50
"""Of each the latest."""
_PATIENCE_S = 2.0
"""Whoever has spoken waits for no more than the words."""
_WORD = re.compile(r"[\w'-]+")
_NAME = re.compile(r"(?:(?<=[\w,] )|(?<=[DM][rs]\. )|(?<=Mrs\. ))[^\W\d_a-z][\w'-]+")
"""A word in the middle of a sentence that begins with a capital."""

log = structlog.get_logger(__name__)


async def vocabulary(ops: AgentOpsClient, session_id: str) -> list[str]:
    """Names of people, names that were lately written in a session, names of projects, titles of tasks.

    What the ledger does not tell now is missing.
    """
    people, projects, tasks, turns = await asyncio.gather(
        _told(ops.list_people(), []),
        _told(ops.list_projects(), []),
        _told(ops.list_tasks(sort=TaskSort.UPDATED, limit=_TASKS), Page[Task](items=[])),
        _told(ops.list_turns(session_id, limit=_TURNS), Page[TurnRecord](items=[])),
    )
    projects = sorted(projects, key=lambda one: one.updated_at, reverse=True)
    return [
        *(one.name for one in people),
        *_written(turns.items),
        *(one.name for one in projects[:_PROJECTS]),
        *(one.title for one in tasks.items),
    ]


def names_in(text: str, *, besides: str = "") -> list[str]:
    """Words that look like names.

    Args:
        text: Where they are looked for.
        besides: Words that do not count: who was misheard, and is answered with the same words, would be
            misheard the same way again.
    """
    heard = set(_WORD.findall(besides.lower()))
    return [name for name in _NAME.findall(text) if name.lower() not in heard]


def _written(turns: Sequence[TurnRecord]) -> Iterator[str]:
    """Names in what a person wrote, and in answers; what was only heard may have been misheard."""
    persons = [one for one in turns if one.role == "person"]
    heard = " ".join(one.text for one in persons if one.channel in CALLS)
    for one in reversed(turns):
        if one.role == "chief":
            yield from names_in(one.text, besides=heard)
        elif one.role == "person" and one.channel not in CALLS:
            yield from names_in(one.text)


async def _told(asked: Awaitable[T], otherwise: T) -> T:
    try:
        async with asyncio.timeout(_PATIENCE_S):
            return await asked
    except (AgentOpsError, TimeoutError) as error:
        log.info("vocabulary.not_read", reason=type(error).__name__)
        return otherwise
