"""Sends planned parts, one call each: at the pace that Telegram allows, plain where markup is refused."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import structlog

from agentops import AgentOpsClient
from agentops import errors as ledger_errors
from agentops.wire import ArtifactId
from gateway.telegram import markup, parts
from gateway.telegram.errors import BadMarkup, FileTooBig, Refused
from gateway.telegram.pacing import Pacer
from gateway.telegram.parts import FilePart, Part, TextPart

if TYPE_CHECKING:
    from gateway.telegram.client import TelegramApi

log = structlog.get_logger(__name__)

_Call = Callable[[str, bool], Awaitable[None]]
"""Sends a text (or caption), which is HTML or not."""


class Sender:
    """Raises `TelegramError` for what Telegram refuses, `AgentOpsError` while the ledger is away."""

    def __init__(self, api: "TelegramApi", pacer: Pacer, ops: AgentOpsClient) -> None:
        self._api = api
        self._pacer = pacer
        self._ops = ops

    async def say(self, chat_id: int, text: str) -> None:
        """Send a text of the channel's own."""
        for part in parts.plan(text):
            await self.send(chat_id, part)

    async def send(self, chat_id: int, part: Part) -> None:
        """Send one part."""
        if isinstance(part, TextPart):
            await self._text(chat_id, part)
            return
        try:
            await self._file(chat_id, part, await self._content(part))
        except ledger_errors.NotFound:
            await self._in_place_of(chat_id, part, "is no longer in the ledger.")
        except (FileTooBig, ledger_errors.TooLarge):
            await self._in_place_of(chat_id, part, "is too big to send here. It is in the web panel.")
        except Refused as refused:  # an empty file, for one
            log.warning("telegram.file_refused", name=part.attachment.name, reason=str(refused))
            await self._in_place_of(chat_id, part, "could not be sent here. It is in the web panel.")

    async def _text(self, chat_id: int, part: TextPart) -> None:
        async def call(text: str, is_html: bool) -> None:
            await self._api.send_text(chat_id, text, html=is_html)

        await self._styled(chat_id, part.spans, parts.TEXT_LIMIT, call)

    async def _file(self, chat_id: int, part: FilePart, content: bytes) -> None:
        name = part.attachment.name

        async def as_picture(caption: str, is_html: bool) -> None:
            await self._api.send_picture(chat_id, name, content, caption or None, html=is_html)

        async def as_document(caption: str, is_html: bool) -> None:
            await self._api.send_document(chat_id, name, content, caption or None, html=is_html)

        if part.picture:
            try:
                await self._styled(chat_id, part.spans, parts.CAPTION_LIMIT, as_picture)
            except Refused as refused:  # too narrow, too many pixels, not quite a picture
                log.info("telegram.picture_refused", reason=str(refused))
            else:
                return
        await self._styled(chat_id, part.spans, parts.CAPTION_LIMIT, as_document)

    async def _styled(self, chat_id: int, spans: markup.Spans, limit: int, call: _Call) -> None:
        await self._pacer.turn(chat_id)
        try:
            await call(markup.to_html(spans), True)
        except BadMarkup as refused:
            log.warning("telegram.markup_refused", reason=str(refused))
            await self._pacer.turn(chat_id)
            await call(markup.plain(spans, limit), False)

    async def _content(self, part: FilePart) -> bytes:
        artifact_id = ArtifactId(part.attachment.artifact_id)
        return await self._ops.download(artifact_id, max_bytes=parts.UPLOAD_LIMIT_BYTES)

    async def _in_place_of(self, chat_id: int, part: FilePart, why: str) -> None:
        # Still one call, so that delivery's count of parts stays true.
        said = parts.missing(part.attachment, why)
        above = (*part.spans, markup.Span("\n\n")) if part.spans else ()
        await self._text(chat_id, TextPart((*above, *said.spans)))
