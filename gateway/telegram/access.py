"""Who may talk to the bot, and how often the others are told that they may not."""

from collections.abc import Callable

REFUSAL_EVERY_S = 3600.0
_REMEMBERED = 10_000


class Access:
    """Nobody may, except the people in the settings."""

    def __init__(self, allowed_users: frozenset[int], clock: Callable[[], float]) -> None:
        self._allowed = allowed_users
        self._clock = clock
        self._told_at: dict[int, float] = {}

    def allows(self, user_id: int) -> bool:
        """Whether this person is obeyed."""
        return user_id in self._allowed

    def may_tell(self, user_id: int) -> bool:
        """Whether to tell a stranger so now: once an hour each, so that they cannot make the bot chatter."""
        self._forget()
        if user_id in self._told_at or len(self._told_at) >= _REMEMBERED:
            return False
        self._told_at[user_id] = self._clock()
        return True

    def _forget(self) -> None:
        # Oldest first, as a dict keeps its order, so this is a step or two each time.
        expired_before = self._clock() - REFUSAL_EVERY_S
        while self._told_at:
            oldest = next(iter(self._told_at))
            if self._told_at[oldest] > expired_before:
                return
            del self._told_at[oldest]
