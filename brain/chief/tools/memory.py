"""What was said before, and what is known about the person."""

from typing import Any

from msgspec import UNSET
from strands import ToolContext, tool

from agentops.wire import PersonId, PersonPatch, TurnRecord
from brain.chief.errors import ToolRefused
from brain.chief.facts import Fact, meant
from brain.chief.tools.base import Desk, asks, told, work_of
from brain.rows import FactRow, Outcome, SaidRow

_MOST_FOUND = 20
_MOST_CHARS = 600


class MemoryTools:
    """Past turns, facts, and the person's own profile."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def all(self) -> list[Any]:
        """As `Agent(tools=…)` takes them."""
        return [
            self.search_conversation,
            self.known_facts,
            self.remember,
            self.forget,
            self.update_profile,
        ]

    @tool(context=True)
    async def search_conversation(
        self, tool_context: ToolContext, words: str, limit: int = 5
    ) -> dict[str, Any]:
        """Search what was said in this conversation at any time, newest first.

        Args:
            words: What to look for: words, "a phrase", or, -without.
            limit: How many at most, 1 to 20.
        """
        work = work_of(tool_context)

        async def search() -> Outcome:
            if not words.strip():
                raise ToolRefused("no_words", "Give words to look for.")
            found = await self._desk.ops.search_turns(
                words.strip()[:500], session_id=work.session_id, limit=max(1, min(limit, _MOST_FOUND)) + 1
            )
            turns = [one.turn for one in found.items if one.turn.id != work.turn_id]
            return Outcome(turns=[_said(turn) for turn in turns[:limit]])

        return await told(tool_context, search)

    @tool(context=True)
    async def known_facts(self, tool_context: ToolContext) -> dict[str, Any]:
        """What is known about the person: everything that they asked to remember."""
        work = work_of(tool_context)

        async def look() -> Outcome:
            return Outcome(facts=_rows(await self._desk.facts.of(work.person)))

        return await told(tool_context, look)

    @tool(context=True)
    async def remember(self, tool_context: ToolContext, fact: str) -> dict[str, Any]:
        """Remember a fact about the person for good, when they ask for it or tell something lasting.

        Args:
            fact: One sentence that makes sense by itself: "Prefers short mails".
        """
        work = work_of(tool_context)

        async def keep() -> Outcome:
            kept = await self._desk.facts.remember(work.person, fact, work.clock().timestamp())
            return Outcome(done="fact.remembered", told=kept.text, facts=[FactRow(at=1, text=kept.text)])

        return await told(tool_context, keep)

    @tool(context=True)
    async def forget(self, tool_context: ToolContext, fact: str) -> dict[str, Any]:
        """Forget a fact about the person. Before everything is forgotten, the person is asked.

        Args:
            fact: Words of the fact, its position in the list such as "2", or "everything".
        """
        work = work_of(tool_context)

        async def drop() -> Outcome:
            known = await self._desk.facts.of(work.person)
            found = meant(known, fact)
            if not found:
                raise ToolRefused("fact_not_found", f"I know nothing such as “{fact}” about you.")
            if len(found) > 1 and not work.approved:
                return asks(f"Shall I forget {len(found)} things: {_listed(found)}?")
            for one in found:
                await self._desk.facts.forget(work.person, one)
            return Outcome(done="fact.forgotten", told=_listed(found), facts=_rows(found))

        return await told(tool_context, drop)

    @tool(context=True)
    async def update_profile(
        self,
        tool_context: ToolContext,
        name: str | None = None,
        time_zone: str | None = None,
        language: str | None = None,
    ) -> dict[str, Any]:
        """Change how the person is called, where their clock is, or which language they speak.

        Args:
            name: What to call them.
            time_zone: Of the IANA database: "Europe/Paris".
            language: BCP 47: "en", "pt-BR".
        """
        work = work_of(tool_context)
        key = work.call_name("update_profile")

        async def change() -> Outcome:
            profile = await self._desk.people.profile(work.person, work.role)
            if profile.id is None:
                detail = "The ledger does not know this person yet; they have to be paired first."
                raise ToolRefused("person_unknown", detail)
            patch = PersonPatch(name=name or UNSET, time_zone=time_zone or UNSET, language=language or UNSET)
            if not (name or time_zone or language):
                raise ToolRefused("nothing_to_change", "Say what to change: name, time zone or language.")
            person = await self._desk.ops.update_person(PersonId(profile.id), patch, idempotency_key=key)
            self._desk.people.forget()
            return Outcome(
                done="person.updated", told=f"{person.name}, {person.time_zone}, {person.language}"
            )

        return await told(tool_context, change)


def _said(turn: TurnRecord) -> SaidRow:
    text = turn.text if len(turn.text) <= _MOST_CHARS else turn.text[:_MOST_CHARS] + "…"
    return SaidRow(by=turn.role, text=text, said_at=turn.said_at, channel=turn.channel)


def _rows(facts: list[Fact]) -> list[FactRow]:
    return [FactRow(at=at, text=fact.text) for at, fact in enumerate(facts, start=1)]


def _listed(facts: list[Fact]) -> str:
    shown = "; ".join(f"“{fact.text}”" for fact in facts[:5])
    return f"{shown} and {len(facts) - 5} more" if len(facts) > 5 else shown
