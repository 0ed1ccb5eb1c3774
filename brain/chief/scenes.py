"""What has to be known before a turn begins: asked for at once, since nothing of it depends on the rest."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from agentops import AgentOpsError
from agentops.wire import TurnRecord
from brain.chief.facts import Fact, facts_group, read_facts
from brain.chief.notes import Notes, notes_key, read_notes
from brain.chief.people import People, Profile
from brain.chief.record import Record
from brain.chief.summaries import Summary, read_summary, summary_key
from brain.chief.work import OWNER
from gateway.session.memos import Memos
from gateway.session.turns import Turn


@dataclass(frozen=True)
class Scene:
    """Of one turn."""

    profile: Profile
    notes_before: Notes
    """As the turn before left them."""
    notes: Notes
    facts: Sequence[Fact]
    summary: Summary
    said: TurnRecord
    """The person's words, as the ledger has them."""


@dataclass(frozen=True)
class Scenes:
    """Where all of it is kept."""

    record: Record
    people: People
    memos: Memos

    async def of(self, turn: Turn) -> Scene:
        """Write the person's words down, and learn what they mean them by.

        Raises:
            AgentOpsError: The ledger is away.
        """
        session, key = turn.session_id, turn.person_id if turn.role != OWNER else OWNER
        with first_of_the_ledgers():
            async with asyncio.TaskGroup() as group:
                said = group.create_task(self.record.heard(turn))
                profile = group.create_task(self.people.profile(turn.person_id, turn.role))
                kept = group.create_task(
                    self.memos.together((notes_key(session), summary_key(session)), facts_group(key))
                )
        (notes, summary), facts = kept.result()
        before = read_notes(notes)
        return Scene(
            profile=profile.result(),
            notes_before=before,
            notes=before.a_turn_later(turn.id),
            facts=read_facts(facts),
            summary=read_summary(summary),
            said=said.result(),
        )


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
