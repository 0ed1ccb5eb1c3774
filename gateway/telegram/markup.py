"""From the Markdown that models write to stretches of styled text, and from those to Telegram's HTML.

A text is cut between the two, so that no tag is ever cut and Telegram's count (UTF-16 code units of the text
without its markup) is the count here: https://core.telegram.org/bots/api#html-style
"""

import html
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby

from markdown_it import MarkdownIt
from markdown_it.token import Token

_LINKS = ("http://", "https://", "tg://", "mailto:")
_BREAKS = ("\n\n", "\n", " ")
# Raw HTML, entities, indented code and underlined headings appear by accident more often than on purpose.
_READER = (
    MarkdownIt("commonmark")
    .enable(["strikethrough", "table"])
    .disable(["html_block", "html_inline", "entity", "code", "lheading", "reference"])
)


@dataclass(frozen=True, slots=True)
class Style:
    """How a stretch of text looks."""

    bold: bool = False
    italic: bool = False
    strike: bool = False
    code: bool = False
    quote: bool = False
    block: str | None = None
    """The language of a code block, perhaps empty."""
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text in one style."""

    text: str
    style: Style = Style()


Spans = tuple[Span, ...]


def units(text: str) -> int:
    """Length as Telegram counts it."""
    return len(text.encode("utf-16-le")) // 2


def parse(markdown: str) -> Spans:
    """Read Markdown, leniently: what is not Markdown stays as it was written."""
    return tuple(_Writer().write(_READER.parse(markdown)))


def plain(spans: Sequence[Span], limit: int) -> str:
    """The text without markup; a link's target stands behind its words if there is room for it."""
    text = "".join(f"{span.text} ({span.style.link})" if span.style.link else span.text for span in spans)
    return text if units(text) <= limit else "".join(span.text for span in spans)


def to_html(spans: Sequence[Span]) -> str:
    """Telegram's HTML; neighbouring quotes are one."""
    pieces = []
    for quoted, group in groupby(spans, key=lambda span: span.style.quote):
        inner = "".join(_tagged(span) for span in group)
        pieces.append(f"<blockquote>{inner}</blockquote>" if quoted else inner)
    return "".join(pieces)


def cut(spans: Sequence[Span], limit: int) -> list[Spans]:
    """Cut a text into pieces of at most `limit` UTF-16 units, at a paragraph, line or word if one is near.

    The same text is cut the same way every time.
    """
    text = "".join(span.text for span in spans)
    ends = list(accumulate(2 if ord(character) > 0xFFFF else 1 for character in text))
    pieces, start = [], 0
    while start < len(text):
        before = ends[start - 1] if start else 0
        end = bisect_right(ends, before + limit)
        if end < len(text):
            end = _break_before(text, start, end)
        piece = tuple(_between(spans, start, end))
        if text[start:end].strip():
            pieces.append(piece)
        start = end
        while start < len(text) and text[start] in "\n ":
            start += 1
    return pieces


def _break_before(text: str, start: int, end: int) -> int:
    for mark in _BREAKS:
        at = text.rfind(mark, start, end + 1)
        if at > start + (end - start) // 2:
            return at
    return end


def _between(spans: Sequence[Span], start: int, end: int) -> Iterator[Span]:
    offset = 0
    for span in spans:
        inside = span.text[max(0, start - offset) : max(0, end - offset)]
        if inside:
            yield replace(span, text=inside)
        offset += len(span.text)


def _tagged(span: Span) -> str:
    text, style = html.escape(span.text, quote=False), span.style
    if style.block is not None:
        return f"<pre>{text}</pre>"
    if style.code:  # holds no other entity, and is held by none
        return f"<code>{text}</code>"
    for wanted, tag in ((style.strike, "s"), (style.italic, "i"), (style.bold, "b")):
        text = f"<{tag}>{text}</{tag}>" if wanted else text
    return f'<a href="{html.escape(style.link)}">{text}</a>' if style.link else text


class _Writer:
    """Walks markdown-it's tokens; keeps blank lines where the source has them."""

    def __init__(self) -> None:
        self._spans: list[Span] = []
        self._style = Style()
        self._line = 0
        self._lists = 0
        self._prefix = ""
        self._rows: list[list[str]] | None = None

    def write(self, tokens: Sequence[Token]) -> list[Span]:
        for token in tokens:
            self._block(token)
        return self._spans

    def _block(self, token: Token) -> None:
        match token.type:
            case "bullet_list_open" | "ordered_list_open":
                self._lists += 1
            case "bullet_list_close" | "ordered_list_close":
                self._lists -= 1
            case "list_item_open":
                bullet = f"{token.info}{token.markup}" if token.info else "•"
                self._prefix = "  " * (self._lists - 1) + f"{bullet} "
            case "blockquote_open" | "blockquote_close":
                self._style = replace(self._style, quote=token.nesting > 0)
            case "heading_open" | "heading_close":
                self._style = replace(self._style, bold=token.nesting > 0)
            case "table_open":
                self._rows = []
            case "tr_open" if self._rows is not None:
                self._rows.append([])
            case "table_close":
                self._table()
            case "inline" | "fence" | "hr":
                self._leaf(token)

    def _leaf(self, token: Token) -> None:
        if self._rows is not None:
            if not self._rows[0]:
                self._begin(token)
            self._rows[-1].append("".join(child.content for child in token.children or ()))
            return
        self._begin(token)
        if token.type == "fence":
            language = token.info.split(maxsplit=1)[0] if token.info.strip() else ""
            self._say(token.content.rstrip("\n"), Style(block=language))
        elif token.type == "hr":
            self._say("———")
        else:
            for child in token.children or ():
                self._inline(child)

    def _begin(self, token: Token) -> None:
        first, end = token.map or (self._line, self._line)
        if self._spans:
            self._say("\n\n" if first > self._line else "\n")
        self._line = end
        if self._prefix:
            self._say(self._prefix)
            self._prefix = ""

    def _inline(self, token: Token) -> None:
        opens = token.nesting > 0
        match token.type:
            case "strong_open" | "strong_close":
                self._style = replace(self._style, bold=opens)
            case "em_open" | "em_close":
                self._style = replace(self._style, italic=opens)
            case "s_open" | "s_close":
                self._style = replace(self._style, strike=opens)
            case "link_open" | "link_close":
                target = str(token.attrs.get("href", ""))
                self._style = replace(self._style, link=target if target.startswith(_LINKS) else None)
            case "code_inline":
                self._say(token.content, replace(self._style, code=True))
            case "softbreak" | "hardbreak":
                self._say("\n")
            case _:
                self._say(token.content)

    def _table(self) -> None:
        rows, self._rows = self._rows or [], None
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = (
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
        )
        self._say("\n".join(lines), Style(block=""))

    def _say(self, text: str, style: Style | None = None) -> None:
        if text:
            self._spans.append(Span(text, style or self._style))
