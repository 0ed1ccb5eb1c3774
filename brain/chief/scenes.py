"""What has to be known before a turn begins: asked for at once, since nothing of it depends on the rest."""

import asyncio
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from agentops import AgentOpsError
from brain.chief.facts import Fact, Facts
from brain.chief.notes import Notes, NotesStore
from brain.chief.people import People, Profile
from brain.chief.record import Record
from brain.chief.summaries import Summaries, Summary
from brain.chief.work import OWNER
from gateway.session.turns import Turn

T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True)
class Scene:
    """Of one turn."""

    profile: Profile
    notes_before: Notes
    """As the turn before left them."""
    notes: Notes
    facts: Sequence[Fact]
    summary: Summary


@dataclass(frozen=True)
class Scenes:
    """Where all of it is kept."""

    record: Record
    people: People
    notes: NotesStore
    facts: Facts
    summaries: Summaries

    async def of(self, turn: Turn) -> Scene:
        """Write the person's words down, and learn what they mean them by.

        Raises:
            AgentOpsError: The ledger is away.
        """
        session, key = turn.session_id, turn.person_id if turn.role != OWNER else OWNER
        with first_of_the_ledgers():
            async with asyncio.TaskGroup() as group:
                group.create_task(self.record.heard(turn))
                profile = group.create_task(self.people.profile(turn.person_id, turn.role))
                notes = group.create_task(self.notes.load(session))
                facts = group.create_task(self.facts.of(key))
                summary = group.create_task(self.summaries.load(session))
        before = notes.result()
        return Scene(profile.result(), before, before.a_turn_later(turn.id), facts.result(), summary.result())


async def both(one: Coroutine[Any, Any, T], other: Coroutine[Any, Any, U]) -> tuple[T, U]:
    """Two things that do not depend on each other, in the time of one.

    Raises:
        AgentOpsError: The ledger is away.
    """
    with first_of_the_ledgers():
        async with asyncio.TaskGroup() as group:
            first, second = group.create_task(one), group.create_task(other)
    return first.result(), second.result()


@contextmanager
def first_of_the_ledgers() -> Iterator[None]:
    """Of what the ledger refused at once, the first: it is one failure to whoever waits."""
    try:
        yield
    except* AgentOpsError as away:
        raise _leaf(away) from None


def _leaf(error: BaseExceptionGroup[AgentOpsError]) -> AgentOpsError:
    first = error.exceptions[0]
    return _leaf(first) if isinstance(first, BaseExceptionGroup) else first
