"""Taking updates: in order for each chat, each once, through what heals; given up with word to the person."""

import asyncio
from collections.abc import Awaitable, Callable
from weakref import WeakValueDictionary

import structlog

from agentops.errors import AgentOpsError
from gateway.session.memos import Memos
from gateway.telegram import answers
from gateway.telegram.errors import (
    PeopleUnknown,
    SlowDown,
    TelegramError,
    TokenRefused,
    Unreachable,
)
from gateway.telegram.intake import TAKEN_KEPT_S, Intake, digest, taken_key
from gateway.telegram.presses import Presses
from gateway.telegram.receipts import FAILED, Receipts
from gateway.telegram.updates import Incoming, Press

log = structlog.get_logger(__name__)

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 30.0
PATIENCE_S = 60.0
"""How long one message may hold up those behind it."""
PRESS_PATIENCE_S = 8.0
"""Who pressed watches a spinner."""
TRIES = 3
"""For what time does not heal."""


class Taker:
    """Hands messages to the intake and presses to their handler."""

    def __init__(
        self,
        intake: Intake,
        presses: Presses,
        memos: Memos,
        receipts: Receipts,
        *,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._intake = intake
        self._presses = presses
        self._memos = memos
        self._receipts = receipts
        self._clock = clock
        self._sleep = sleep
        self._chats: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def take(self, incoming: Incoming | Press, *, within_s: float | None = None) -> None:
        """Return once it is dealt with: durable, answered, or given up with word to the person.

        Args:
            incoming: What came.
            within_s: Whoever sent it sends it again: give nothing up that heals, and raise it after so long.

        Raises:
            TelegramError, AgentOpsError: Only with `within_s`: not now.
        """
        if isinstance(incoming, Incoming) and not incoming.addressed:
            return
        # A message and its later edit are two, and so are the presses of one button.
        edit = f":{incoming.edited_at}" if isinstance(incoming, Incoming) and incoming.edited_at else ""
        name = incoming.id if isinstance(incoming, Press) else incoming.external_id + edit
        lock = self._chats.setdefault(incoming.chat_id, asyncio.Lock())
        async with lock:
            if not _known_to_stream(incoming) and await self._memos.get(taken_key(name)) is not None:
                log.info("telegram.update_repeated", update=name)
                return
            await self._try(incoming, name, within_s)
            text = incoming.text if isinstance(incoming, Incoming) else ""
            await self._memos.put(taken_key(name), digest(text), keep_s=TAKEN_KEPT_S)

    async def _try(self, incoming: Incoming | Press, name: str, within_s: float | None) -> None:
        press = isinstance(incoming, Press)
        usual_s = PRESS_PATIENCE_S if press else PATIENCE_S
        give_up_at, tries = self._clock() + (usual_s if within_s is None else within_s), 0
        while True:
            tries += 1
            try:
                await self._take_once(incoming)
            except Exception as error:
                over = self._clock() >= give_up_at or (tries >= TRIES and not heals(error))
                if over and within_s is not None and heals(error) and not press:
                    raise
                if over and not isinstance(error, PeopleUnknown):
                    await self._give_up(incoming, name, error)
                    return
                log.warning("telegram.message_delayed", message=name, reason=reason_of(error))
                await self._sleep(min(wait_s(error, tries), LONGEST_WAIT_S))
            else:
                return

    async def _take_once(self, incoming: Incoming | Press) -> None:
        if isinstance(incoming, Press):
            await self._presses.take(incoming)
        else:
            await self._intake.take(incoming)

    async def _give_up(self, incoming: Incoming | Press, name: str, error: Exception) -> None:
        known = isinstance(error, TelegramError | AgentOpsError)
        log.error(
            "telegram.message_dropped",
            message=name,
            reason=reason_of(error),
            exc_info=None if known else error,
        )
        try:
            if isinstance(incoming, Press):
                await self._presses.tell(incoming, answers.LEDGER_AWAY, alert=True)
            elif incoming.addressed:
                self._receipts.show(incoming.ref, FAILED)
                await self._intake.say(incoming.place, answers.unheard(incoming.text))
        except Exception as unsaid:
            log.warning("telegram.person_not_told", message=name, reason=reason_of(unsaid))


def _known_to_stream(incoming: Incoming | Press) -> bool:
    """Plain words become one turn, which the stream takes once; asking first would only cost time."""
    if isinstance(incoming, Press):
        return False
    special = incoming.edited_at or incoming.number or incoming.answers or incoming.unreadable
    return not special and bool(incoming.text) and not incoming.text.startswith("/")


def reason_of(error: Exception) -> str:
    """An error as logs may hold it."""
    # Errors that are ours or the SDK's quote no secret; of the others only the kind is sure to be harmless.
    known = isinstance(error, TelegramError | AgentOpsError)
    return f"{type(error).__name__}: {error}" if known else type(error).__name__


def heals(error: Exception) -> bool:
    """Whether waiting helps."""
    if isinstance(error, AgentOpsError):
        return error.retryable
    return isinstance(error, SlowDown | Unreachable | TokenRefused | PeopleUnknown)


def wait_s(error: Exception, tries: int) -> float:
    """How long before the next try."""
    if isinstance(error, SlowDown):
        return error.after_s
    return float(min(FIRST_WAIT_S * 2 ** min(tries - 1, 10), LONGEST_WAIT_S))
