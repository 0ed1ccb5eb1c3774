"""Telegram's speed limits, kept before it has to remind us.

One message a second to a chat with short bursts, 20 a minute to a group, 30 a second overall:
https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
"""

import asyncio
from collections.abc import Awaitable, Callable

_CHATS = 1_000


class Pace:
    """The generic cell rate algorithm: `per_s` in the long run, `burst` at once."""

    def __init__(self, per_s: float, burst: int) -> None:
        self._interval_s = 1 / per_s
        self._slack_s = self._interval_s * (burst - 1)
        self._expected_at = 0.0

    def reserve(self, now: float) -> float:
        """Take the next place; returns how many seconds ahead it lies."""
        self._expected_at = max(self._expected_at, now)
        wait_s = max(0.0, self._expected_at - self._slack_s - now)
        self._expected_at += self._interval_s
        return wait_s

    def idle(self, now: float) -> bool:
        """Whether forgetting this pace changes nothing."""
        return self._expected_at <= now


class Pacer:
    """Holds back messages until they may go."""

    def __init__(
        self,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._overall = Pace(per_s=30, burst=5)
        self._chats: dict[int, Pace] = {}

    async def turn(self, chat_id: int) -> None:
        """Return when a message to this chat may be sent."""
        now = self._clock()
        wait_s = max(self._chat(chat_id, now).reserve(now), self._overall.reserve(now))
        if wait_s > 0:
            await self._sleep(wait_s)

    def _chat(self, chat_id: int, now: float) -> Pace:
        if chat_id not in self._chats:
            if len(self._chats) >= _CHATS:
                self._chats = {chat: pace for chat, pace in self._chats.items() if not pace.idle(now)}
            is_group = chat_id < 0
            self._chats[chat_id] = Pace(per_s=20 / 60 if is_group else 1, burst=3)
        return self._chats[chat_id]
