"""Wishes to be called: who wants their telephone to ring when a task ends or asks something.

Written by the chief, who is asked for it; carried out by whoever tells of tasks. Durable like all memos, and
each kept until its task has ended.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec

from gateway.session.memos import Memos

KEPT_S: Final = 366 * 86_400
"""Since the last wish for a task; one that never ends is not waited for longer."""
_TELEPHONE: Final = "phone:connected"


class CallWish(msgspec.Struct, frozen=True, kw_only=True):
    """One person's, for one task."""

    person_id: str
    at: datetime
    """When it was said."""


@dataclass(frozen=True)
class CallWishes:
    """All there are, and whether somebody can be rung now."""

    memos: Memos

    async def add(self, task_id: str, wish: CallWish) -> None:
        """Keep it; once more changes nothing."""
        text = msgspec.json.encode(wish).decode()
        await self.memos.gather(_group(task_id), wish.person_id, text, keep_s=KEPT_S)

    async def of(self, task_id: str) -> list[CallWish]:
        """Who wants to be called about a task, the first first."""
        kept = (await self.memos.gathered(_group(task_id))).values()
        wishes = [msgspec.json.decode(text, type=CallWish) for text in kept]
        return sorted(wishes, key=lambda wish: (wish.at, wish.person_id))

    async def drop(self, task_id: str, person_id: str | None = None) -> None:
        """Forget one person's wish; without a person, all of a task that has ended."""
        if person_id is None:
            await self.memos.drop(_group(task_id))
            return
        text = (await self.memos.gathered(_group(task_id))).get(person_id)
        if text is not None:
            await self.memos.drop_from(_group(task_id), person_id, text)

    async def has_telephone(self) -> bool:
        """Whether any gateway can ring somebody."""
        return await self.memos.get(_TELEPHONE) is not None

    async def announce_telephone(self, *, keep_s: int) -> None:
        """There is one, for so long; to be said again before."""
        await self.memos.put(_TELEPHONE, "yes", keep_s=keep_s)

    async def begin_talking(self, person_id: str, *, keep_s: int) -> None:
        """They are in a call with us, for so long; to be said again before."""
        await self.memos.put(_talking(person_id), "yes", keep_s=keep_s)

    async def end_talking(self, person_id: str) -> None:
        """They are not any more."""
        await self.memos.drop(_talking(person_id))

    async def is_talking(self, person_id: str) -> bool:
        """Whether they are in a call with us."""
        return await self.memos.get(_talking(person_id)) is not None


def _talking(person_id: str) -> str:
    return f"phone:talking:{person_id}"


def _group(task_id: str) -> str:
    return f"call-wish:{task_id}"
