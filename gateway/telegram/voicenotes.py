"""Voice notes: what they say becomes a message like any other, and on wish the answer comes as one, too."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import structlog

from agentops import AgentOpsClient
from gateway.session.memos import Memos
from gateway.session.turns import TurnId
from gateway.telegram.errors import FileTooBig
from gateway.telegram.updates import Incoming
from gateway.vocabulary import vocabulary
from voice.errors import AudioTooLong, AudioUnreadable, VoiceError

if TYPE_CHECKING:
    from gateway.telegram.client import TelegramApi
    from voice.speech import Speech

log = structlog.get_logger(__name__)

KEPT_S = 2 * 86_400
"""Telegram keeps an update for one day; after that nobody asks what a note said."""
NO_EARS = "I cannot listen to voice notes on this machine. Please write it to me."
NOTHING_HEARD = "I could not make out any words in that. Please say it again, or write it."

OpenSpeech = Callable[[], Awaitable["Speech"]]
"""The process's engines; opens them at the first wish."""


class NotHeard(Exception):
    """A voice note that did not become words; the message is for the person."""


class VoiceNotes:
    """Ears and mouth of the channel. Without engines it says so."""

    def __init__(
        self, api: "TelegramApi", ops: AgentOpsClient, memos: Memos, speech: OpenSpeech | None
    ) -> None:
        self._api = api
        self._ops = ops
        self._memos = memos
        self._speech = speech

    async def words(self, message: Incoming, session_id: str) -> tuple[str, bool]:
        """What a note says, and whether that is news: a repeated update is not listened to again.

        Args:
            message: With the note.
            session_id: Where it will be a turn; what is known there is listened for.

        Raises:
            NotHeard: It says nothing that we understand.
            TelegramError: Telegram did not answer, or not now.
        """
        key = f"telegram:heard:{message.external_id}"
        if (known := await self._memos.get(key)) is not None:
            return known, False
        heard = await self._transcribed(message, session_id)
        await self._memos.put(key, heard, keep_s=KEPT_S)
        return heard, True

    async def _transcribed(self, message: Incoming, session_id: str) -> str:
        from voice.notes import transcribe  # brings numpy

        if self._speech is None:
            raise NotHeard(NO_EARS)
        try:
            recording = await self._api.download(message.files[0].file_id)
            hints = tuple(await vocabulary(self._ops, session_id))
            heard = await transcribe(recording, await self._speech(), hints)
        except (AudioTooLong, AudioUnreadable) as refused:
            raise NotHeard(str(refused)) from None
        except FileTooBig:
            raise NotHeard("That recording is too long for me. Please send it in pieces.") from None
        except VoiceError as broken:
            log.warning("telegram.note_not_heard", reason=str(broken))
            raise NotHeard(NO_EARS) from None
        log.info("telegram.note_heard", duration_s=round(heard.duration_s, 1), characters=len(heard.text))
        if not heard.text.strip():
            raise NotHeard(NOTHING_HEARD)
        return heard.text.strip()

    async def answer_aloud(self, turn_id: TurnId) -> None:
        """Remember that the answer to this turn shall be heard as well as read."""
        await self._memos.put(_aloud(turn_id), "yes", keep_s=KEPT_S)

    async def wanted(self, turn_id: str | None) -> bool:
        """Whether the answer to this turn shall be heard."""
        return turn_id is not None and await self._memos.get(_aloud(turn_id)) is not None

    async def spoken(self, text: str) -> bytes | None:
        """A recording of an answer; None when it cannot be had, or has nothing to be read out."""
        from voice.notes import speak

        if self._speech is None:
            return None
        try:
            return await speak(text, await self._speech())
        except VoiceError as broken:
            log.info("telegram.answer_not_spoken", reason=str(broken))
            return None


def _aloud(turn_id: str) -> str:
    return f"telegram:aloud:{turn_id}"
