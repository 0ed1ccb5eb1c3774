"""What becomes of one message: an answer of the channel's own, or durable turns."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import structlog

from agentops import AgentOpsClient
from agentops import errors as ledger_errors
from gateway.errors import Busy
from gateway.session.memos import Memos
from gateway.session.stream import SessionStream
from gateway.session.turns import Attachment, Lane, SessionId, Turn
from gateway.telegram import answers, commands, metrics
from gateway.telegram.access import Access, Speaker
from gateway.telegram.commands import MOST_TASKS, Route, Typed
from gateway.telegram.drafts import Drafts
from gateway.telegram.errands import Errands, Said
from gateway.telegram.errors import Blocked, FileTooBig, Refused
from gateway.telegram.places import Place, group_session, topic_session
from gateway.telegram.presence import Presence
from gateway.telegram.questions import Questions
from gateway.telegram.receipts import FAILED, SEEN, Receipts
from gateway.telegram.sender import Sender
from gateway.telegram.strangers import Strangers
from gateway.telegram.updates import DOWNLOAD_LIMIT_MB, Incoming, IncomingFile
from gateway.telegram.voicenotes import NotHeard, VoiceNotes

if TYPE_CHECKING:
    from gateway.telegram.client import TelegramApi

log = structlog.get_logger(__name__)

TAKEN_KEPT_S = 2 * 86_400
"""Telegram lets people edit for two days, and keeps updates for one."""


class _FileRefusedError(Exception):
    """A file that was not taken; the message is for the person."""


class Intake:
    """Takes messages, one at a time for each chat."""

    def __init__(
        self,
        api: "TelegramApi",
        stream: SessionStream,
        ops: AgentOpsClient,
        memos: Memos,
        *,
        access: Access,
        strangers: Strangers,
        questions: Questions,
        errands: Errands,
        presence: Presence,
        drafts: Drafts,
        receipts: Receipts,
        sender: Sender,
        notes: VoiceNotes,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._api = api
        self._stream = stream
        self._ops = ops
        self._memos = memos
        self._access = access
        self._strangers = strangers
        self._questions = questions
        self._errands = errands
        self._presence = presence
        self._drafts = drafts
        self._receipts = receipts
        self._sender = sender
        self._notes = notes
        self._now = now

    async def take(self, message: Incoming) -> None:
        """Answer a message or make it a turn; harmless to repeat.

        Raises:
            TelegramError: Telegram did not answer, or not now.
            AgentOpsError: The ledger did not answer, or not now.
        """
        if not message.addressed:
            return
        speaker = await self._access.speaker(message.user_id, message.user_name)
        if speaker is None:
            await self._strangers.meet(message)
        elif message.edited_at is not None:
            await self._edited(message, speaker)
        else:
            await self._new(message, speaker)

    async def say(self, place: Place, said: Said | str) -> None:
        """Answer in the channel's own words; a chat that takes nothing is nobody's fault."""
        said = said if isinstance(said, Said) else Said(said)
        try:
            await self._sender.say(place, said.text, said.keyboard)
        except (Blocked, Refused) as error:
            log.info("telegram.answer_refused", chat_id=place.chat_id, reason=str(error))

    async def _new(self, message: Incoming, speaker: Speaker) -> None:
        if message.number is not None:
            await self.say(message.place, await self._errands.link_number(message.number, message, speaker))
            return
        if message.spoken:
            heard = await self._heard(message, speaker)
            if heard is None:
                return
            message = heard
        if await self._questions.answered_in_words(message, speaker):
            return
        typed = commands.parse(message.text)
        if typed is not None and typed.known and typed.known.route is Route.HERE:
            session = self._session_of(message, speaker)
            said = await self._errands.run(typed, message, speaker, session)
        elif (refusal := _refusal(message, typed)) is not None:
            said = Said(refusal)
        else:
            await self._make_turns(message, speaker, typed)
            return
        if said is not None:
            await self.say(message.place, said)

    async def _heard(self, message: Incoming, speaker: Speaker) -> Incoming | None:
        """A voice note as the message that it says, which its author gets to see; None for nothing said."""
        try:
            words, news = await self._notes.words(message, self._session_of(message, speaker))
        except NotHeard as nothing:
            self._receipts.show(message.ref, FAILED)
            await self.say(message.place, str(nothing))
            return None
        if news:
            await self.say(message.place, answers.transcript(words))
        if await self._access.hears_answers(speaker):
            await self._notes.answer_aloud(message.turn_id())
        said = f"{message.text}\n{words}" if message.text else words
        return replace(message, text=said, files=())

    async def _edited(self, message: Incoming, speaker: Speaker) -> None:
        """A changed message is a new turn behind the old one, which says that it corrects it.

        Telegram also reports changes that nobody made, such as a link's preview; those say nothing new.
        """
        before = await self._memos.get(taken_key(message.external_id))
        if before is None:
            # Not said to us before: its author put the bot's name in, or was let in meanwhile.
            if message.edited_at is not None and message.edited_at - message.sent_at < TAKEN_KEPT_S:
                await self._new(message, speaker)
            return
        if before == digest(message.text) or not message.text:
            return
        if commands.parse(message.text) is not None:
            await self.say(message.place, answers.command_edited(message.text))
        else:
            which = f"e{message.edited_at}"
            text = answers.correction(message.text)
            await self._append(message, self._turn(message, speaker, text, which=which))
        key = taken_key(message.external_id)
        await self._memos.put(key, digest(message.text), keep_s=TAKEN_KEPT_S)

    # --- turns

    async def _make_turns(self, message: Incoming, speaker: Speaker, typed: Typed | None) -> None:
        try:
            attachments = await self._store(message)
        except _FileRefusedError as refused:
            self._receipts.show(message.ref, FAILED)
            await self.say(message.place, str(refused))
            return
        command = typed.known if typed else None
        lane = Lane.CONTROL if command and command.route is Route.CONTROL else Lane.TALK
        texts = typed.texts if typed else (message.text,)
        for position, text in enumerate(texts):
            # In one session and lane the turns are answered in the order in which they are appended.
            which = str(position + 1) if position else ""
            turn = self._turn(message, speaker, text, which=which, lane=lane, attachments=attachments)
            await self._append(message, turn)

    def _turn(
        self,
        message: Incoming,
        speaker: Speaker,
        text: str,
        *,
        which: str,
        lane: Lane = Lane.TALK,
        attachments: tuple[Attachment, ...] = (),
    ) -> Turn:
        return Turn(
            id=message.turn_id(which),
            session_id=self._session_of(message, speaker),
            channel="telegram",
            address=message.place.address,
            external_id=f"{message.external_id}:{which}" if which else message.external_id,
            text=text,
            person_id=speaker.person_id or "owner",
            role=speaker.role,
            lane=lane,
            attachments=attachments,
            reply_to=message.turn_id() if which.startswith("e") else None,
            received_at=self._now(),
        )

    async def _append(self, message: Incoming, turn: Turn) -> None:
        # Typing begins first: the answer, which ends it, may be there before `append` returns.
        self._presence.begin(turn.id, message.place)
        self._drafts.begin(turn, message.place)
        duplicate = True
        try:
            appended = await self._stream.append(turn)
            duplicate = appended.duplicate
        except Busy as busy:
            log.warning("turn.refused", session_id=turn.session_id, waiting=busy.waiting)
            self._receipts.show(message.ref, FAILED)
            await self.say(message.place, str(busy))
            return
        finally:
            if duplicate:
                self._presence.end(turn.id)
                self._drafts.end(turn.id)
        if not duplicate:
            metrics.taken(None if message.spoken or message.files else message.arrived_at)
            self._receipts.show(message.ref, SEEN)
        log.info(
            "turn.taken",
            turn_id=appended.turn_id,
            session_id=turn.session_id,
            attachments=len(turn.attachments),
            duplicate=duplicate,
        )

    async def _store(self, message: Incoming) -> tuple[Attachment, ...]:
        for file in message.files:
            if (file.size_bytes or 0) > DOWNLOAD_LIMIT_MB * 2**20:
                raise _FileRefusedError(answers.too_big(file.name, file.size_bytes))
        return tuple([await self._store_one(message, file) for file in message.files])

    async def _store_one(self, message: Incoming, file: IncomingFile) -> Attachment:
        try:
            content = await self._api.download(file.file_id)
            artifact = await self._ops.upload(
                file.name,
                content,
                media_type=file.media_type,
                # Telegram shows the message again after a crash; the file shall not be stored again.
                idempotency_key=f"telegram-{message.external_id}-{file.file_id}",
            )
        except FileTooBig:
            raise _FileRefusedError(answers.too_big(file.name, file.size_bytes)) from None
        except (ledger_errors.TooLarge, ledger_errors.ValidationFailed) as error:
            raise _FileRefusedError(answers.refused_file(file.name, error.detail)) from error
        return Attachment(
            artifact_id=artifact.id,
            name=artifact.name,
            media_type=artifact.media_type,
            size_bytes=artifact.size_bytes,
        )

    @staticmethod
    def _session_of(message: Incoming, speaker: Speaker) -> SessionId:
        # What is said in private shall not be answered from in front of a group.
        if not message.private:
            return group_session(message.place)
        return topic_session(speaker.session_id, message.place)


def _refusal(message: Incoming, typed: Typed | None) -> str | None:
    """What the channel says to a message that it does not pass on; None for one that becomes a turn."""
    if typed is None:
        if message.unreadable is not None:
            return answers.unreadable(message.unreadable)
        return None if message.text or message.files else answers.EMPTY
    command = typed.known
    if command is None:
        return answers.unknown(typed.name)
    if command.needs_words and not typed.rest and not message.files:
        return answers.needs_words(command.name, command.needs_words)
    return answers.too_many_tasks(len(typed.texts)) if len(typed.texts) > MOST_TASKS else None


def taken_key(name: str) -> str:
    """The memo that says that an update was dealt with, and with what words."""
    return f"telegram:taken:{name}"


def digest(text: str) -> str:
    """Tells texts apart without keeping them."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]
