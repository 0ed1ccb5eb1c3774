"""Calls that we place: what Twilio tells of them, kept where whoever waits for it finds it.

ringing ─► taken by a person ─► over
   │  └──► taken by a machine: it is told who called, and no more
   └─────► busy, no answer, failed: perhaps tried again
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from gateway.phone.parties import Party
from gateway.session.memos import Memos

KEEP_S = 3_600
_LOOK_EVERY_S = 0.25
_NOT_TAKEN = {"busy": "busy", "no-answer": "no_answer", "failed": "failed", "canceled": "cancelled"}


class Outcome(StrEnum):
    """How a call that we placed came out."""

    TAKEN = "taken"
    MACHINE = "machine"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def again(self) -> bool:
        """Whether another try may help."""
        return self in (Outcome.BUSY, Outcome.FAILED)


@dataclass(frozen=True, slots=True)
class Placed:
    """Kept in the session's store: callbacks may reach another gateway than the one that waits."""

    memos: Memos

    async def expect(self, ring_id: str, party: Party) -> None:
        """Before the call is placed: whom it is for."""
        await self.memos.put(f"phone:ring:{ring_id}", msgspec.json.encode(party).decode(), keep_s=KEEP_S)

    async def party(self, ring_id: str) -> Party | None:
        """Whom a call is for; None for one that we did not place, or long ago."""
        kept = await self.memos.get(f"phone:ring:{ring_id}")
        return None if kept is None else msgspec.json.decode(kept, type=Party)

    async def tell(self, ring_id: str, name: str, value: str) -> None:
        """Keep what Twilio says: `status`, `answered_by`, `sid`."""
        await self.memos.gather(f"phone:ring:{ring_id}:told", name, value, keep_s=KEEP_S)

    async def told(self, ring_id: str) -> Mapping[str, str]:
        """All of it so far."""
        return await self.memos.gathered(f"phone:ring:{ring_id}:told")

    async def outcome(self, ring_id: str, within_s: float) -> Outcome:
        """How it comes out, as soon as that is known; `NO_ANSWER` when nothing is said in time."""
        try:
            async with asyncio.timeout(within_s):
                # Looked for rather than waited for: another process may be the one that is told.
                while (found := outcome_of(await self.told(ring_id))) is None:  # noqa: ASYNC110
                    await asyncio.sleep(_LOOK_EVERY_S)
                return found
        except TimeoutError:
            talking = (await self.told(ring_id)).get("status") == "in-progress"
            return Outcome.TAKEN if talking else Outcome.NO_ANSWER


def outcome_of(told: Mapping[str, str]) -> Outcome | None:
    """What is known of a call; None while it rings, or while person or machine is not clear. Pure."""
    by, status = told.get("answered_by", ""), told.get("status", "")
    if by.startswith("machine") or by == "fax":
        return Outcome.MACHINE
    if status in _NOT_TAKEN:
        return Outcome(_NOT_TAKEN[status])
    if by in ("human", "unknown") or status == "completed":
        return Outcome.TAKEN
    return None
