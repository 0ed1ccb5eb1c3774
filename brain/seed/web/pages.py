"""A web page as text: what a reader sees, without scripts, styles and navigation."""

import re
from html.parser import HTMLParser

_SKIPPED = frozenset(
    {"script", "style", "noscript", "template", "svg", "head", "nav", "footer", "form", "iframe"}
)
_BLOCKS = frozenset(
    {
        "p",
        "div",
        "section",
        "article",
        "br",
        "li",
        "tr",
        "table",
        "ul",
        "ol",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
    }
    | {"blockquote", "pre", "hr", "header", "main", "dl", "dt", "dd", "figure", "figcaption"}
)
_HEADINGS = {f"h{level}": "#" * level + " " for level in range(1, 7)}
_MOST_LINKS = 100


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.links: list[str] = []
        self.title = ""
        self._skipping = 0
        self._in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "title":
            self._in_title = True
        if tag in _SKIPPED:
            self._skipping += 1
        if tag in _BLOCKS:
            self.pieces.append("\n" + _HEADINGS.get(tag, "- " if tag == "li" else ""))
        if tag in ("td", "th"):
            self.pieces.append(" | ")
        href = dict(attrs).get("href") if tag == "a" else None
        if href and not self._skipping and not href.startswith(("#", "javascript:")):
            self.links.append(href)

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._in_title = False
        if tag in _SKIPPED and self._skipping:
            self._skipping -= 1
        if tag in _BLOCKS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data
        elif not self._skipping:
            self.pieces.append(re.sub(r"\s+", " ", data))


def text_of(html: str) -> str:
    """The page's title, its text, and where it links to."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    text = re.sub(r"[ \t]*\n[ \t]*", "\n", "".join(reader.pieces))
    parts = [reader.title.strip(), re.sub(r"\n{3,}", "\n\n", text).strip()]
    links = list(dict.fromkeys(reader.links))[:_MOST_LINKS]
    if links:
        parts.append("Links:\n" + "\n".join(links))
    return "\n\n".join(part for part in parts if part)
