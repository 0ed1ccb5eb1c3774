"""From `job.json` to `result.json`: one list of links and what became of them."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from brain.seed.errors import FetchRefused
from brain.seed.web.fetching import Fetched, Fetcher
from link_check.finding import addresses_in, links_in
from link_check.trying import NOT_FOUND, Tried, a_fetcher, get, try_all

FILE = "links.md"
_MOST_LINKS = 500
_HEADINGS = {"broken": "Broken", "unclear": "Could not be checked", "moved": "Moved", "works": "Works"}


class NoLinks(Exception):
    """There is nothing to check, and the message says why."""


def run(workspace: Path, fetcher: Fetcher | None = None) -> None:
    """Does the job in `workspace`, and answers there."""
    job = json.loads((workspace / "job.json").read_bytes())
    try:
        result = asyncio.run(check(job["inputs"], workspace, fetcher or a_fetcher(), **job["task"]))
    except NoLinks as problem:
        result = {"error": str(problem), "retryable": False}
    (workspace / "result.json").write_text(json.dumps(result))


async def check(
    inputs: list[dict[str, str]], workspace: Path, fetcher: Fetcher, title: str, description: str
) -> dict[str, Any]:
    """Checks all links; the result as the protocol wants it.

    Raises:
        NoLinks: there is none.
    """
    where, links, left_out = await _links(inputs, f"{title}\n{description}", fetcher)
    if not links:
        raise NoLinks(f"There are no web addresses in {where}.")

    def say(done: int) -> None:
        note = {"progress": round(done / len(chosen), 3), "note": f"Checked {done} of {len(chosen)} links"}
        print(json.dumps(note), flush=True)  # noqa: T201  (the protocol)

    chosen = links[:_MOST_LINKS]
    tried = await try_all(chosen, fetcher, say)
    if all(NOT_FOUND in one.why for one in tried):
        raise NoLinks(
            f"None of the {len(tried)} addresses can be found. Is this machine connected to the internet?"
        )
    (workspace / FILE).write_text(_report(where, tried, left_out, len(links)), encoding="utf-8")
    return {
        "summary": _in_brief(where, tried),
        "outputs": [{"name": FILE, "path": FILE, "media_type": "text/markdown"}],
    }


async def _links(inputs: list[dict[str, str]], words: str, fetcher: Fetcher) -> tuple[str, list[str], int]:
    """Where the links come from, the links, and how many could not be followed."""
    if inputs:
        found = [links_in(_text(Path(one["path"])), is_html=_is_html(one)) for one in inputs]
        links = list(dict.fromkeys(link for some, _ in found for link in some))
        return ", ".join(one["name"] for one in inputs), links, sum(left for _, left in found)
    named = addresses_in(words)
    if len(named) != 1:
        return "the task", named, 0
    try:
        page = await get(named[0], fetcher)
    except FetchRefused as problem:
        raise NoLinks(f"{named[0]} cannot be read: {problem}") from None
    content = _decoded(page)
    links, left_out = links_in(content, is_html="html" in page.media_type, base=page.url)
    return named[0], links, left_out


def _decoded(page: Fetched) -> str:
    try:
        return page.content.decode(page.charset, "replace")
    except LookupError:  # a charset that nobody knows
        return page.content.decode("utf-8", "replace")


def _is_html(given: dict[str, str]) -> bool:
    return given["name"].lower().endswith((".html", ".htm")) or "html" in given["media_type"]


def _text(path: Path) -> str:
    content = path.read_bytes()
    return content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8", "replace")


def _in_brief(where: str, tried: Sequence[Tried]) -> str:
    counts = {verdict: sum(one.verdict == verdict for one in tried) for verdict in _HEADINGS}
    told = f"Checked {_count(len(tried), 'link')} in {where}: {counts['works'] + counts['moved']} work"
    told += f" ({counts['moved']} of them moved)" if counts["moved"] else ""
    told += f", {counts['broken']} broken" if counts["broken"] else ", none is broken"
    told += f", {counts['unclear']} could not be checked" if counts["unclear"] else ""
    broken = [one.url for one in tried if one.verdict == "broken"]
    return f"{told}." + (
        f" Broken: {', '.join(broken[:5])}{' …' if len(broken) > 5 else ''}" if broken else ""
    )


def _report(where: str, tried: Sequence[Tried], left_out: int, found: int) -> str:
    lines = [f"# Links in {_escape(where)}", ""]
    for verdict, heading in _HEADINGS.items():
        those = [one for one in tried if one.verdict == verdict]
        if those:
            lines += [f"## {heading} ({len(those)})", ""]
            lines += [f"- <{one.url}>{f' - {_escape(one.why)}' if one.why else ''}" for one in those]
            lines.append("")
    if found > len(tried):
        lines += [f"There are {found:,} links; the first {len(tried):,} were checked.", ""]
    if left_out:
        lines += [f"{_count(left_out, 'link')} within the site could not be followed from a file.", ""]
    return "\n".join(lines)


def _count(amount: int, noun: str) -> str:
    return f"{amount:,} {noun}" if amount == 1 else f"{amount:,} {noun}s"


def _escape(text: str) -> str:
    """What comes from a page is text: nothing in it may become markup."""
    text = text.replace("&", "&amp;").replace("<", "&lt;")
    return "".join(f"\\{char}" if char in "\\`*[]|#~" else char for char in text)
