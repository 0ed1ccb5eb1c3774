"""The queue of updates behind getUpdates, with Telegram's own rules of confirmation."""

import asyncio
from collections.abc import Iterable
from typing import Any

from tests.botapi.records import Json, Refusal
from tests.botapi.schema import update_fault

_CONFLICT = (
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
)


_WEBHOOK = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete it first"
)


class UpdateQueue:
    """Updates wait here until the bot confirms that it has them: by an offset, or by taking them itself."""

    def __init__(self) -> None:
        self._pending: list[Json] = []
        self._last_id = 700_000_000
        self._poll = 0
        self._allowed: list[str] | None = None
        self._changed = asyncio.Condition()
        self.webhook_set = False
        self.handed_at: dict[int, float] = {}
        """Update → when the bot first got it, by the event loop's clock."""

    @property
    def last_id(self) -> int:
        """Of the newest update."""
        return self._last_id

    def handed(self, updates: Iterable[Json]) -> None:
        """Take note that these are on their way to the bot."""
        now = asyncio.get_running_loop().time()
        for update in updates:
            self.handed_at.setdefault(update["update_id"], now)

    @property
    def pending(self) -> list[Json]:
        """The updates that are not confirmed yet, oldest first."""
        return list(self._pending)

    def confirm(self, update_id: int) -> None:
        """The bot has taken this one."""
        self._pending = [update for update in self._pending if update["update_id"] != update_id]

    def allow(self, kinds: list[str] | None) -> None:
        """From now on only these kinds are kept."""
        self._allowed = kinds if kinds is not None else self._allowed

    async def change(self) -> None:
        """Wait until there may be something new."""
        async with self._changed:
            await self._changed.wait()

    @property
    def unconfirmed(self) -> int:
        """How many updates the bot has not confirmed yet."""
        return len(self._pending)

    async def put(self, kind: str, content: Json) -> int:
        """Queue an update of this kind and return its id. Kinds that the bot did not ask for are dropped."""
        self._last_id += 1
        update: dict[str, Any] = {"update_id": self._last_id, kind: content}
        if fault := update_fault(update):
            raise AssertionError(f"this server made an update that the schema refuses: {fault}")
        if not self._allowed or kind in self._allowed:
            async with self._changed:
                self._pending.append(update)
                self._changed.notify_all()
        return self._last_id

    async def poll(self, params: Json) -> list[Json]:
        """Answer one getUpdates; a newer one ends it.

        Raises:
            Refusal: 409, another poll began, or a webhook is set.
        """
        if self.webhook_set:
            raise Refusal(409, _WEBHOOK)
        self._poll += 1
        this_poll = self._poll
        self._allowed = params.get("allowed_updates", self._allowed)
        self._confirm(params.get("offset", 0))
        async with self._changed:
            self._changed.notify_all()
        await self._wait(this_poll, params.get("timeout", 0))
        if self._poll != this_poll:
            raise Refusal(409, _CONFLICT)
        found = self._pending[: params.get("limit", 100)]
        self.handed(found)
        return found

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            self._pending = self._pending[offset:]
        self._pending = [update for update in self._pending if update["update_id"] >= offset]

    async def _wait(self, this_poll: int, timeout_s: float) -> None:
        try:
            async with asyncio.timeout(timeout_s), self._changed:
                await self._changed.wait_for(lambda: self._pending or self._poll != this_poll)
        except TimeoutError:
            pass
