"""Asking for each link once, several at a time."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from brain.seed.errors import FetchRefused
from brain.seed.web.fetching import Fetched, Fetcher

_AT_ONCE = 8
_REFUSES_ROBOTS = frozenset({401, 403, 405, 406, 429, 451, 999})
_MOST_BYTES = 20_000_000
NOT_FOUND = "cannot be found"
"""What is said of a host that has no address."""
_WHAT_IT_IS_NOT = ("It has more than", "It is of the type")
"""What keeps a page from being read and says all the same that it is there."""

Verdict = Literal["works", "moved", "unclear", "broken"]


@dataclass(frozen=True)
class Tried:
    """What became of one link."""

    url: str
    verdict: Verdict
    why: str


async def try_all(urls: Sequence[str], fetcher: Fetcher, say: Callable[[int], None]) -> list[Tried]:
    """Tries the links, in their order.

    Args:
        urls: Absolute.
        fetcher: How.
        say: Hears how many are done.
    """
    turn, done = asyncio.Semaphore(_AT_ONCE), 0

    async def one(url: str) -> Tried:
        nonlocal done
        async with turn:
            tried = await _tried(url, fetcher)
        done += 1
        say(done)
        return tried

    return list(await asyncio.gather(*map(one, urls)))


async def get(url: str, fetcher: Fetcher) -> Fetched:
    """A page that is read for its links.

    Raises:
        FetchRefused: it does not answer, or says that it is not there.
    """
    page = await fetcher.fetch(url, lambda host: True)
    if page.status >= 400:
        raise FetchRefused(f"It answered {page.status}.")
    return page


async def _tried(url: str, fetcher: Fetcher) -> Tried:
    try:
        page = await fetcher.fetch(url, lambda host: True)
    except FetchRefused as problem:
        there = str(problem).startswith(_WHAT_IT_IS_NOT)
        return Tried(url, "works" if there else "broken", "" if there else str(problem))
    if page.status in _REFUSES_ROBOTS:
        return Tried(url, "unclear", f"It answered {page.status}; some sites refuse programs.")
    if page.status >= 400:
        return Tried(url, "broken", f"It answered {page.status}.")
    if page.url.rstrip("/") != url.rstrip("/"):
        return Tried(url, "moved", f"It leads to {page.url}")
    return Tried(url, "works", "")


def a_fetcher() -> Fetcher:
    """For links: large files are there too, so they are not called too large soon."""
    return Fetcher(max_bytes=_MOST_BYTES, timeout_s=15.0)
