"""Raising a specialist, with the person's approval."""

from typing import Any

from strands import tool

from agentops.wire import GateKind
from agentops.worker import clean
from brain.seed.agent.desk import Desk, ToolRefused
from brain.seed.errors import RosterRefused
from brain.seed.specialists.hiring import APPROVE, DENY, Hiring, is_approved, question

_LONGEST_QUESTION = 9_000


class SpecialistTools:
    """`create_agent`."""

    def __init__(self, desk: Desk, hiring: Hiring) -> None:
        self._desk = desk
        self._hiring = hiring

    def all(self) -> list[Any]:
        """As Strands takes them."""
        return [self.create_agent]

    @tool
    async def create_agent(
        self,
        name: str,
        purpose: str,
        prompt: str,
        capabilities: list[str] | None = None,
        model: str = "",
        budget_tokens: int = 2_000_000,
        slots: int = 1,
        memory_mb: int = 1024,
    ) -> str:
        """Raise a specialist for work that will come again, after the person has approved it.

        Hand work on to it with `hand_on(capability=<its name>)`.

        Args:
            name: Short: small letters, digits and hyphens.
            purpose: What it is for, in one sentence.
            prompt: Its trade: what it has to know and how it works, at most 8,000 characters.
            capabilities: Further words by which tasks may ask for it.
            model: `provider:model`; empty: the same as yours.
            budget_tokens: What it may use in its whole life.
            slots: How many tasks it does at once.
            memory_mb: What it may have, from 128 on; what reads large tables needs more than usual.
        """
        fields = {"name": name, "purpose": purpose, "prompt": prompt, "model": model}
        limits = {"budget_tokens": budget_tokens, "slots": slots, "memory_mb": memory_mb}
        try:
            spec = self._hiring.proposed(**fields, **limits, skills=capabilities or [])
            asked = question(spec)
            if len(asked) > _LONGEST_QUESTION:
                raise ToolRefused("prompt: this is longer than the person can approve; say it shorter.")
            answer = self._desk.ask(
                clean(asked, _LONGEST_QUESTION), options=(APPROVE, DENY), kind=GateKind.APPROVAL
            )
            if not is_approved(answer):
                raise ToolRefused(f"The person does not want this specialist. They said: {answer}")
            await self._hiring.hire(self._desk.job, spec)
        except RosterRefused as error:
            raise ToolRefused(str(error)) from error
        return f"{spec.name} is being started. Hand work on to it with the capability {spec.name}."
