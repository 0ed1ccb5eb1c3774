"""Finding what was said, newest first, with the words that were found marked."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agentops.wire import FoundTurn, Page, SnippetPart
from ledger.conversations.turns import turns_of
from ledger.engine import LedgerEngine
from ledger.search import PARTING, Words, tsquery

AROUND = 80
"""Characters shown before the first word that was found."""
SHOWN = 240
_START, _STOP = "\x01", "\x02"
_BLANK = PARTING + _START + _STOP
_QUERY = tsquery("$1", "$2", "$3")

# Parted as the index is, one character for one, so that the marks fall on the same places of the text.
_MARKED = f"""ts_headline($1::text::regconfig, translate(left(found.text, 20000), $7, $8), {_QUERY},
    'HighlightAll=true, StartSel={_START}, StopSel={_STOP}')"""
_FIND = f"""
SELECT found.*, {_MARKED} AS marked FROM (
    SELECT * FROM turn WHERE words_of(text) @@ {_QUERY}
        AND ($4::text IS NULL OR session_id = $4) AND ($5::bigint IS NULL OR seq < $5)
    ORDER BY seq DESC LIMIT $6
) found ORDER BY found.seq DESC
"""  # noqa: S608


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnQuery:
    """Which turns."""

    q: str
    session_id: str | None = None
    before: int | None = None
    limit: int = 50


async def find_turns(db: LedgerEngine, query: TurnQuery) -> Page[FoundTurn]:
    """Turns in which the words occur, newest first. `next` is for `before`."""
    words = Words.of(query.q)
    rows = await db.rows(
        _FIND, words.dictionary, words.web, words.beginning, query.session_id, query.before, query.limit + 1,
        _BLANK, " " * len(_BLANK),
    )  # fmt: skip
    kept = rows[: query.limit]
    turns = await turns_of(db, kept)
    found = [
        FoundTurn(turn=turn, snippet=list(snippet(row["text"], row["marked"])))
        for turn, row in zip(turns, kept, strict=True)
    ]
    return Page(items=found, next=str(turns[-1].seq) if len(rows) > query.limit else None)


def snippet(text: str, marked: str) -> Iterator[SnippetPart]:
    """An excerpt of `text` around the first place that `marked` marks; its beginning if none is."""
    places = list(_hits(marked)) if len(re.sub("[\x01\x02]", "", marked)) <= len(text) else []
    start = max(0, places[0][0] - AROUND) if places else 0
    end = min(len(text), start + SHOWN)
    at = start
    for first, behind in places:
        if first >= end:
            break
        if first > at:
            yield SnippetPart(text=text[at:first])
        yield SnippetPart(text=text[first : min(behind, end)], hit=True)
        at = min(behind, end)
    if at < end:
        yield SnippetPart(text=text[at:end])


def _hits(marked: str) -> Iterator[tuple[int, int]]:
    """Where the marked words begin and end, without the marks."""
    at, first = 0, 0
    for letter in marked:
        if letter == _START:
            first = at
        elif letter == _STOP:
            yield first, at
        else:
            at += 1
