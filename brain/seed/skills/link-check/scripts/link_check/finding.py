"""The links in a text. Pure."""

import re
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin

_BARE = re.compile(r"https?://[^\s<>\"'`|\\^{}\[\]]+", re.IGNORECASE)
_MARKDOWN = re.compile(
    r"\]\(\s*<?([^\s)>]+)>?(?:\s+[\"'][^)]*)?\)|^\s*\[[^\]]+\]:\s*<?(\S+?)>?(?:\s|$)", re.MULTILINE
)
_TAIL = ".,;:!?*_)"
_LINKING = {"a": "href", "img": "src", "link": "href", "script": "src", "iframe": "src", "source": "src"}


def links_in(text: str, *, is_html: bool, base: str | None = None) -> tuple[list[str], int]:
    """The addresses in a text, each once, in its order.

    Args:
        text: Markdown, plain text or HTML.
        is_html: Which.
        base: Where it came from; relative links are followed from there.

    Returns:
        The addresses, and how many links were left out because nobody knows where they lead from.
    """
    found = _of_html(text) if is_html else _of_text(text)
    kept: dict[str, None] = {}
    left_out = set()
    for link in found:
        address = urldefrag(urljoin(base, link) if base else link)[0]
        if address.lower().startswith(("http://", "https://")):
            kept[address] = None
        elif link and not re.match(r"^(?:#|[a-z][a-z0-9+.-]*:)", link, re.IGNORECASE):
            left_out.add(link)
    return list(kept), len(left_out)


def addresses_in(text: str) -> list[str]:
    """Addresses that stand in a sentence."""
    return list(dict.fromkeys(_bare(found.group()) for found in _BARE.finditer(text)))


def _of_text(text: str) -> list[str]:
    placed = [(found.start(), found[1] or found[2]) for found in _MARKDOWN.finditer(text)]
    placed += [(found.start(), _bare(found.group())) for found in _BARE.finditer(text)]
    return [link for _, link in sorted(placed, key=lambda pair: pair[0])]


def _bare(address: str) -> str:
    """Without what ends the sentence; a bracket belongs to it if it was opened within."""
    while address and address[-1] in _TAIL:
        if address[-1] == ")" and address.count("(") >= address.count(")"):
            break
        address = address[:-1]
    return address


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        value = dict(attrs).get(_LINKING.get(tag, ""))
        if value:
            self.links.append(value.strip())


def _of_html(text: str) -> list[str]:
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.links
