"""Sends planned parts, one call each: at the pace that Telegram allows, plain where markup is refused."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import structlog

from agentops import AgentOpsClient
from agentops import errors as ledger_errors
from agentops.wire import ArtifactId
from gateway.telegram import markup, parts
from gateway.telegram.buttons import Inline, Keyboard, Manner
from gateway.telegram.errors import BadMarkup, FileTooBig, Refused
from gateway.telegram.metrics import Leaving
from gateway.telegram.pacing import Pacer
from gateway.telegram.parts import FilePart, Part, TextPart
from gateway.telegram.places import MessageRef, Place

if TYPE_CHECKING:
    from gateway.telegram.client import TelegramApi

log = structlog.get_logger(__name__)

_Call = Callable[[str, bool], Awaitable[int]]
"""Sends a text (or caption), which is HTML or not; returns the message's id."""


class Sender:
    """Raises `TelegramError` for what Telegram refuses, `AgentOpsError` while the ledger is away."""

    def __init__(self, api: "TelegramApi", pacer: Pacer, ops: AgentOpsClient) -> None:
        self._api = api
        self._pacer = pacer
        self._ops = ops

    async def say(self, place: Place, text: str, keyboard: Keyboard | None = None) -> int | None:
        """Send a text of the channel's own; returns the id of its last message."""
        sent, planned = None, parts.plan(text)
        for position, part in enumerate(planned):
            last = position == len(planned) - 1
            sent = await self.send(place, part, keyboard=keyboard if last else None)
        return sent

    async def send(
        self,
        place: Place,
        part: Part,
        *,
        keyboard: Keyboard | None = None,
        answers: int | None = None,
        silent: bool = False,
        leaving: Leaving | None = None,
    ) -> int:
        """Send one part; returns the message's id."""
        manner = Manner(keyboard=keyboard, answers=answers, silent=silent)
        if isinstance(part, TextPart):
            return await self._text(place, part, manner, leaving)
        try:
            return await self._file(place, part, await self._content(part), manner)
        except ledger_errors.NotFound:
            return await self._in_place_of(place, part, "is no longer in the ledger.", manner)
        except (FileTooBig, ledger_errors.TooLarge):
            why = "is too big to send here. It is in the web panel."
            return await self._in_place_of(place, part, why, manner)
        except Refused as refused:  # an empty file, for one
            log.warning("telegram.file_refused", name=part.attachment.name, reason=str(refused))
            why = "could not be sent here. It is in the web panel."
            return await self._in_place_of(place, part, why, manner)

    async def put_in_place(
        self,
        message: MessageRef,
        part: TextPart,
        keyboard: Keyboard | None,
        leaving: Leaving | None = None,
    ) -> None:
        """Make a message that was shown while it was written the very text that it became."""
        buttons = keyboard if isinstance(keyboard, Inline) else None

        async def call(text: str, is_html: bool) -> int:
            await self._api.edit(message, text, buttons, html=is_html)
            return message.message_id

        await self._styled(message.chat_id, part.spans, parts.TEXT_LIMIT, call, leaving)

    async def _text(
        self, place: Place, part: TextPart, manner: Manner, leaving: Leaving | None = None
    ) -> int:
        async def call(text: str, is_html: bool) -> int:
            return await self._api.send_text(place, text, manner, html=is_html)

        return await self._styled(place.chat_id, part.spans, parts.TEXT_LIMIT, call, leaving)

    async def _file(self, place: Place, part: FilePart, content: bytes, manner: Manner) -> int:
        file = self._api.file(part.attachment.name, content)

        async def as_picture(caption: str, is_html: bool) -> int:
            return await self._api.send_picture(place, file, caption or None, manner, html=is_html)

        async def as_document(caption: str, is_html: bool) -> int:
            return await self._api.send_document(place, file, caption or None, manner, html=is_html)

        if part.picture:
            try:
                return await self._styled(place.chat_id, part.spans, parts.CAPTION_LIMIT, as_picture)
            except Refused as refused:  # too narrow, too many pixels, not quite a picture
                log.info("telegram.picture_refused", reason=str(refused))
        return await self._styled(place.chat_id, part.spans, parts.CAPTION_LIMIT, as_document)

    async def _styled(
        self, chat_id: int, spans: markup.Spans, limit: int, call: _Call, leaving: Leaving | None = None
    ) -> int:
        await self._pacer.turn(chat_id)
        if leaving is not None:
            leaving.asked()
        try:
            return await call(markup.to_html(spans), True)
        except BadMarkup as refused:
            log.warning("telegram.markup_refused", reason=str(refused))
            await self._pacer.turn(chat_id)
            return await call(markup.plain(spans, limit), False)

    async def _content(self, part: FilePart) -> bytes:
        artifact_id = ArtifactId(part.attachment.artifact_id)
        return await self._ops.download(artifact_id, max_bytes=parts.UPLOAD_LIMIT_BYTES)

    async def _in_place_of(self, place: Place, part: FilePart, why: str, manner: Manner) -> int:
        # Still one call, so that delivery's count of parts stays true.
        said = parts.missing(part.attachment, why)
        above = (*part.spans, markup.Span("\n\n")) if part.spans else ()
        return await self._text(place, TextPart((*above, *said.spans)), manner)
