"""Markdown, HTML and plain text into one another."""

import html
import re
from html.parser import HTMLParser
from pathlib import Path

_STYLE = "body{max-width:44rem;margin:2rem auto;padding:0 1rem;font:1rem/1.5 system-ui,sans-serif}"
_SKIPPED = frozenset({"script", "style", "noscript", "template", "svg", "head", "iframe", "form"})
_BLOCKS = frozenset(
    {
        "p",
        "div",
        "section",
        "article",
        "ul",
        "ol",
        "table",
        "blockquote",
        "header",
        "footer",
        "main",
        "figure",
        "hr",
    }
)
_MARKS = {"strong": "**", "b": "**", "em": "*", "i": "*", "code": "`", "del": "~~"}


def convert_text(content: str, source: str, target: str, title: str) -> str:
    """A document in another format."""
    if target == "html":
        return _page(_rendered(content) if source == "md" else _paragraphs(content), title)
    if source == "html":
        writer = _Writer(marks=target == "md")
        writer.feed(content)
        writer.close()
        return writer.text()
    if source == "md":
        writer = _Writer(marks=False)
        writer.feed(_rendered(content))
        writer.close()
        return writer.text()
    return content


def read_text(path: Path) -> str:
    """A file's text: UTF-8, UTF-16 with its mark, else Windows-1252."""
    content = path.read_bytes()
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _rendered(content: str) -> str:
    from markdown_it import MarkdownIt

    return str(MarkdownIt("js-default", {"html": False}).render(content))


def _paragraphs(content: str) -> str:
    blocks = [block for block in re.split(r"\n\s*\n", content.strip()) if block.strip()]
    return "\n".join(f"<p>{html.escape(block).replace(chr(10), '<br>')}</p>" for block in blocks)


def _page(body: str, title: str) -> str:
    return (
        f'<!doctype html>\n<html><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f"<style>{_STYLE}</style></head>\n<body>\n{body}</body></html>\n"
    )


class _Writer(HTMLParser):
    """Writes what it reads as Markdown, or with `marks` off as plain text."""

    def __init__(self, *, marks: bool) -> None:
        super().__init__(convert_charrefs=True)
        self._marks = marks
        self._pieces: list[str] = []
        self._skipping = 0
        self._lists: list[int | None] = []
        self._links: list[str] = []
        self._verbatim = False
        self._cells = 0

    def text(self) -> str:
        """All of it."""
        whole = re.sub(r"[ \t]+\n", "\n", "".join(self._pieces))
        return re.sub(r"\n{3,}", "\n\n", whole).strip() + "\n"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SKIPPED:
            self._skipping += 1
        elif tag in _BLOCKS:
            self._pieces.append("\n\n" if not self._lists else "\n")
        elif re.fullmatch(r"h[1-6]", tag):
            self._pieces.append("\n\n" + (f"{'#' * int(tag[1])} " if self._marks else ""))
        elif tag in _MARKS and not self._verbatim:
            self._mark(_MARKS[tag])
        self._open(tag, dict(attrs))

    def _open(self, tag: str, attrs: dict[str, str | None]) -> None:
        if tag in ("ul", "ol"):
            self._lists.append(0 if tag == "ol" else None)
        elif tag == "li":
            self._pieces.append("\n" + "  " * (len(self._lists) - 1) + self._bullet())
        elif tag == "a":
            self._links.append(attrs.get("href") or "")
            self._mark("[" if self._links[-1] else "")
        elif tag == "br":
            self._pieces.append("\n")
        elif tag == "pre":
            self._verbatim = True
            self._pieces.append("\n\n```\n" if self._marks else "\n\n")
        elif tag == "tr":
            self._pieces.append("\n| " if self._marks else "\n")
            self._cells = 0
        elif tag in ("td", "th"):
            self._cells += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in _SKIPPED:
            self._skipping = max(self._skipping - 1, 0)
        elif tag in _MARKS and not self._verbatim:
            self._mark(_MARKS[tag])
        elif tag in ("ul", "ol") and self._lists:
            self._lists.pop()
            self._pieces.append("\n")
        elif tag == "a" and self._links:
            href = self._links.pop()
            self._mark(f"]({href})" if href else "")
        elif tag == "pre":
            self._verbatim = False
            self._pieces.append("\n```\n" if self._marks else "\n")
        elif tag in ("td", "th"):
            self._pieces.append(" | " if self._marks else "\t")
        elif tag == "thead" and self._marks:
            self._pieces.append("\n|" + " --- |" * self._cells)
        elif tag in _BLOCKS or re.fullmatch(r"h[1-6]", tag):
            self._pieces.append("\n\n" if not self._lists else "")

    def handle_data(self, data: str) -> None:
        if not self._skipping:
            self._pieces.append(
                data if self._verbatim else re.sub(r"\s+", " ", data) if data.strip() else _gap(data)
            )

    def _mark(self, mark: str) -> None:
        if self._marks and not self._skipping:
            self._pieces.append(mark)

    def _bullet(self) -> str:
        if not self._lists or self._lists[-1] is None:
            return "- "
        self._lists[-1] += 1
        return f"{self._lists[-1]}. "


def _gap(data: str) -> str:
    return "" if "\n" in data else " "
