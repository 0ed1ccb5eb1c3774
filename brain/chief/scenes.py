"""What has to be known before a turn begins: asked for at once, since nothing of it depends on the rest."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from agentops import AgentOpsError
from brain.chief.facts import Fact, Facts
from brain.chief.notes import Notes, NotesStore
from brain.chief.people import People, Profile
from brain.chief.record import Record
from brain.chief.summaries import Summaries, Summary
from brain.chief.work import OWNER
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
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self.record.heard(turn))
                profile = group.create_task(self.people.profile(turn.person_id, turn.role))
                notes = group.create_task(self.notes.load(session))
                facts = group.create_task(self.facts.of(key))
                summary = group.create_task(self.summaries.load(session))
        except* AgentOpsError as away:
            raise away.exceptions[0] from None
        before = notes.result()
        return Scene(profile.result(), before, before.a_turn_later(turn.id), facts.result(), summary.result())
