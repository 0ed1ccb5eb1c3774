"""From bytes to paragraphs of running text: decoding, and what Markdown adds to the words."""

import codecs
import re

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_FENCED = re.compile(r"^(```|~~~).*?^\1[^\n]*$", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_TAG = re.compile(r"</?[a-zA-Z][^>\n]*>")
_IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
_LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")
_EMPHASIS = re.compile(r"(\*\*|__|\*|`)(?=\S)(.+?)(?<=\S)\1")
_HEADING = re.compile(r"^\s{0,3}(#{1,6}\s.*|[=\-*_]{3,})\s*$")
_ITEM = re.compile(r"^\s*(?:[-*+•]|\d{1,3}[.)])\s+")
_TABLE_ROW = re.compile(r"^\s*\|.*\|\s*$")


class NoText(Exception):
    """There is nothing to summarise, and the message says why."""


def decode(content: bytes) -> str:
    """The text of a file in UTF-8, UTF-16 with its mark, or Windows-1252.

    Raises:
        NoText: it is empty or holds binary data.
    """
    for mark, codec in _BOMS:
        if content.startswith(mark):
            return content.decode(codec, "replace")
    if b"\x00" in content:
        raise NoText("It holds binary data, not text. Send it as a plain-text file.")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    if not text.strip():
        raise NoText("It is empty.")
    return text


def paragraphs(text: str) -> list[str]:
    """Running text only: no code, headings, tables or link targets; each item of a list by itself."""
    for pattern in (_FENCED, _COMMENT, _TAG, _IMAGE):
        text = pattern.sub("", text)
    text = _EMPHASIS.sub(r"\2", _LINK.sub(r"\1", text))
    found: list[str] = []
    lines: list[str] = []

    def finish() -> None:
        if lines:
            found.append(" ".join(" ".join(lines).split()))
            lines.clear()

    for line in text.splitlines():
        if not line.strip() or _HEADING.match(line) or _TABLE_ROW.match(line):
            finish()
            continue
        if _ITEM.match(line):
            finish()
        lines.append(_ITEM.sub("", line).lstrip("> "))
    finish()
    return [paragraph for paragraph in found if paragraph]
