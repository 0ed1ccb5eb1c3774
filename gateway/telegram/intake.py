"""What becomes of one message: an answer of the channel's own, or a durable turn."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

import structlog

from agentops import AgentOpsClient
from agentops import errors as ledger_errors
from gateway.session.stream import SessionStream
from gateway.session.turns import Attachment, Lane, SessionId, Turn, TurnId
from gateway.telegram import answers, commands
from gateway.telegram.access import Access
from gateway.telegram.commands import Route, Typed
from gateway.telegram.errors import Blocked, FileTooBig, Refused
from gateway.telegram.presence import Presence
from gateway.telegram.sender import Sender
from gateway.telegram.updates import DOWNLOAD_LIMIT_MB, Incoming, IncomingFile

if TYPE_CHECKING:
    from gateway.telegram.client import TelegramApi

log = structlog.get_logger(__name__)


class _FileRefusedError(Exception):
    """A file that was not taken; the message is for the person."""


class Intake:
    """Takes messages, one at a time for each chat."""

    def __init__(
        self,
        api: "TelegramApi",
        stream: SessionStream,
        ops: AgentOpsClient,
        *,
        access: Access,
        presence: Presence,
        sender: Sender,
        default_session: str,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._api = api
        self._stream = stream
        self._ops = ops
        self._access = access
        self._presence = presence
        self._sender = sender
        self._default_session = default_session
        self._now = now

    async def take(self, message: Incoming) -> None:
        """Answer a message or make it a turn; harmless to repeat.

        Raises:
            TelegramError: Telegram did not answer, or not now.
            AgentOpsError: The ledger did not take a file, or not now.
        """
        if not message.addressed:
            return
        if not self._access.allows(message.user_id):
            await self._deny(message)
            return
        typed = commands.parse(message.text)
        answer = self._own_answer(message, typed)
        if answer is None:
            await self._make_turn(message, typed)
        else:
            await self.say(message.chat_id, answer)

    async def say(self, chat_id: int, text: str) -> None:
        """Answer in the channel's own words; a chat that takes nothing is nobody's fault."""
        try:
            await self._sender.say(chat_id, text)
        except (Blocked, Refused) as error:
            log.info("telegram.answer_refused", chat_id=chat_id, reason=str(error))

    async def _deny(self, message: Incoming) -> None:
        if message.private and self._access.may_tell(message.user_id):
            log.info("telegram.stranger_refused", user_id=message.user_id)
            await self.say(message.chat_id, answers.denied(message.user_id))

    def _own_answer(self, message: Incoming, typed: Typed | None) -> str | None:
        if typed is not None:
            return self._command_answer(message, typed)
        if message.unreadable is not None:
            return answers.unreadable(message.unreadable)
        return None if message.text or message.files else answers.EMPTY

    def _command_answer(self, message: Incoming, typed: Typed) -> str | None:
        command = typed.known
        if command is None:
            return answers.unknown(typed.name)
        if command.needs_words and not typed.rest and not message.files:
            return answers.needs_words(command.name, command.needs_words)
        if command.route is not Route.HERE:
            return None
        if command.name == "whoami":
            return answers.whoami(message.user_id, self._session_of(message))
        return answers.START if command.name == "start" else answers.help_text()

    async def _make_turn(self, message: Incoming, typed: Typed | None) -> None:
        command = typed.known if typed else None
        try:
            attachments = await self._store(message)
        except _FileRefusedError as refused:
            await self.say(message.chat_id, str(refused))
            return
        control = command is not None and command.route is Route.CONTROL
        turn = Turn(
            id=TurnId(f"turn-{uuid4().hex}"),
            session_id=SessionId(self._session_of(message)),
            channel="telegram",
            address=str(message.chat_id),
            external_id=message.external_id,
            text=typed.text if typed else message.text,
            lane=Lane.CONTROL if control else Lane.TALK,
            attachments=attachments,
            received_at=self._now(),
        )
        await self._append(turn, message.chat_id)

    async def _append(self, turn: Turn, chat_id: int) -> None:
        # Typing begins first: the answer, which ends it, may be there before `append` returns.
        self._presence.begin(turn.id, chat_id)
        try:
            appended = await self._stream.append(turn)
        except BaseException:
            self._presence.end(turn.id)
            raise
        if appended.duplicate:
            self._presence.end(turn.id)
        log.info(
            "turn.taken",
            turn_id=appended.turn_id,
            session_id=turn.session_id,
            attachments=len(turn.attachments),
            duplicate=appended.duplicate,
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

    def _session_of(self, message: Incoming) -> str:
        # What is said in private shall not be answered from in front of a group.
        return self._default_session if message.private else f"telegram-group{message.chat_id}"
