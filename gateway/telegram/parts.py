"""How a message to a person is cut into what Telegram takes in one call.

Pure, and the same for the same message every time: delivery counts parts to go on where it was refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from gateway.session.turns import Attachment
from gateway.telegram import markup
from gateway.telegram.markup import Span, Spans

REPEAT_MARK = "↻ Perhaps you have this already:\n"
# Room for the mark is always kept: whether it is needed must not move a cut.
TEXT_LIMIT = 4096 - len(REPEAT_MARK)
CAPTION_LIMIT = 1024 - len(REPEAT_MARK)
"""UTF-16 units after entity parsing: https://core.telegram.org/bots/api#sendmessage, #sendphoto"""
PICTURE_LIMIT_BYTES = 10 * 1024 * 1024
UPLOAD_LIMIT_BYTES = 50 * 1024 * 1024
"""https://core.telegram.org/bots/api#sending-files"""
_PICTURES = ("image/png", "image/jpeg", "image/webp")


@dataclass(frozen=True, slots=True)
class TextPart:
    """A message of words."""

    spans: Spans

    def marked(self) -> Self:
        """The same, said to be a possible repeat."""
        return replace(self, spans=(Span(REPEAT_MARK), *self.spans))


@dataclass(frozen=True, slots=True)
class FilePart:
    """A picture or a document, with a caption or without."""

    attachment: Attachment
    picture: bool
    spans: Spans = ()

    def marked(self) -> Self:
        """The same, said to be a possible repeat."""
        return replace(self, spans=(Span(REPEAT_MARK), *self.spans))


Part = TextPart | FilePart


def plan(text: str, attachments: Sequence[Attachment] = ()) -> list[Part]:
    """Cut a message; a text that fits becomes the caption of the first file."""
    spans = markup.parse(text)
    files = [_file_part(attachment) for attachment in attachments]
    if files and isinstance(files[0], FilePart) and spans and len(markup.cut(spans, CAPTION_LIMIT)) == 1:
        return [replace(files[0], spans=spans), *files[1:]]
    return [*(TextPart(piece) for piece in markup.cut(spans, TEXT_LIMIT)), *files]


def missing(attachment: Attachment, why: str) -> TextPart:
    """What is said in place of a file that cannot be sent."""
    return TextPart((Span(f"“{attachment.name}” {why}"),))


def _file_part(attachment: Attachment) -> Part:
    if attachment.size_bytes > UPLOAD_LIMIT_BYTES:
        size_mb = attachment.size_bytes / 2**20
        return missing(
            attachment, f"has {size_mb:.0f} MB, more than I may send here (50 MB). It is in the web panel."
        )
    picture = attachment.media_type in _PICTURES and attachment.size_bytes <= PICTURE_LIMIT_BYTES
    return FilePart(attachment, picture)
