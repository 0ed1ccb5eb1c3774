"""Web pages: the one that a task names, and the running text in their HTML."""

import asyncio
import re
from dataclasses import dataclass

from text_summary.texts import NoText

_ADDRESS = re.compile(r"https?://[^\s<>\"'`]+", re.IGNORECASE)
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_LINKS = "\n\nLinks:\n"
_TAIL = ".,;:!?)"


@dataclass(frozen=True)
class Page:
    """A page that was read."""

    name: str
    text: str


def address_in(text: str) -> str | None:
    """The first address in a sentence."""
    found = _ADDRESS.search(text)
    return found.group().rstrip(_TAIL) if found else None


def is_page(given: dict[str, str]) -> bool:
    """Whether an input is HTML."""
    return given["name"].lower().endswith((".html", ".htm")) or "html" in given["media_type"]


def read_page(html: str, name: str) -> Page:
    """The running text of a page; its name is its title."""
    from brain.seed.web.pages import text_of

    title = _TITLE.search(html)
    text = text_of(html).rpartition(_LINKS)[0] or text_of(html)
    lines = [line for line in text.splitlines() if not line.startswith(("- ", " | ")) or len(line) > 80]
    return Page(" ".join(title[1].split())[:120] if title else name, "\n".join(lines))


def fetch_page(address: str) -> Page:
    """The page at an address.

    Raises:
        NoText: it cannot be read, and why.
    """
    from brain.seed.errors import FetchRefused
    from brain.seed.web.fetching import Fetcher

    try:
        fetched = asyncio.run(Fetcher().fetch(address, lambda host: True))
    except FetchRefused as problem:
        raise NoText(f"{address} cannot be read: {problem}") from None
    if fetched.status >= 400:
        raise NoText(f"{address} answered {fetched.status}.")
    if not fetched.is_text:
        raise NoText(f"{address} is {fetched.media_type}, and no text.")
    try:
        content = fetched.content.decode(fetched.charset, "replace")
    except LookupError:  # a charset that nobody knows
        content = fetched.content.decode("utf-8", "replace")
    return read_page(content, address) if "html" in fetched.media_type else Page(address, content)
