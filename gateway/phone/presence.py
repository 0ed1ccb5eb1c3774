"""Who is on the telephone right now: they hear of news in the call, and their telephone need not ring."""

import asyncio
from typing import Final

from gateway.session.call_wishes import CallWishes

TALKS_FOR_S: Final = 120
"""Since their last word; a gateway that dies cannot say that a call is over."""


class Presence:
    """One caller's, in one call."""

    def __init__(self, wishes: CallWishes, person_id: str | None) -> None:
        self._wishes = wishes
        self._person_id = person_id
        self._telling: asyncio.Task[None] | None = None

    def here(self) -> None:
        """They were let in, and spoke. Told beside: nobody waits for a store that is away."""
        if self._person_id is not None and (self._telling is None or self._telling.done()):
            told = self._wishes.begin_talking(self._person_id, keep_s=TALKS_FOR_S)
            self._telling = asyncio.create_task(told, name="presence")

    async def gone(self) -> None:
        """The call is over."""
        if self._telling is None or self._person_id is None:
            return
        self._telling.cancel()
        await asyncio.gather(self._telling, return_exceptions=True)
        await self._wishes.end_talking(self._person_id)
