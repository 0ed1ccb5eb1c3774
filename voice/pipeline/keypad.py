"""Keys of the telephone, gathered into one entry."""

import asyncio
from collections.abc import Awaitable, Callable

_MOST = 32


class Keypad:
    """Ends an entry at `#`, after a pause, or when it is too long; `*` begins anew.

    Args:
        pause_s: After the last key.
        typed: Is given the entry, without `#` and `*`; empty if there was nothing else.
    """

    def __init__(self, pause_s: float, typed: Callable[[str], Awaitable[None]]) -> None:
        self._pause_s = pause_s
        self._typed = typed
        self._keys = ""
        self._waiting: asyncio.Task[None] | None = None

    def press(self, key: str) -> None:
        """Take the next key."""
        self.forget(keep=True)
        if key.isdecimal() and len(self._keys) < _MOST:
            self._keys += key
        elif key == "*":
            self._keys = ""
        at_once = key == "#" or len(self._keys) >= _MOST
        self._waiting = asyncio.create_task(self._end(0 if at_once else self._pause_s))

    def forget(self, *, keep: bool = False) -> None:
        """Stop waiting; drop the keys too, unless told to keep them."""
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
        if not keep:
            self._keys = ""

    async def _end(self, after_s: float) -> None:
        await asyncio.sleep(after_s)
        keys, self._keys, self._waiting = self._keys, "", None
        await self._typed(keys)
