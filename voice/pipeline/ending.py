"""How a call ends: whoever says so first."""

import asyncio

from voice.port import EndedBy


class Ending:
    """One call's end."""

    def __init__(self) -> None:
        self.by: EndedBy | None = None
        self._reached = asyncio.Event()

    def end(self, by: EndedBy) -> None:
        """Let the call end. Only the first reason counts."""
        self.by = self.by or by
        self._reached.set()

    async def reached(self) -> EndedBy:
        """Wait for it."""
        await self._reached.wait()
        return self.by or EndedBy.FAULT
