r"""Finding texts by their words, with PostgreSQL's text search.

The function `words_of` of the database indexes words both as they are written and by their English stems,
and parts them at `._-/\@:`, so that `sales` finds `sales.csv`. A query is what people type into a search
box. Plain words are looked for by their stems, and the last may be the beginning of one; with operators
(`"a phrase"`, `or`, `-without`) words count as they are written, so that no stop word gets lost in a phrase.
"""

import re
from dataclasses import dataclass

PARTING = "._-/\\@:<>&"
"""What parts words, here and by `words_of` of the database."""
_PARTING = re.compile(r"(?<=\w)-(?=\w)|[._/\\@:<>&]")
_OPERATORS = re.compile(r"\"|(?:^|\s)-\w|(?:^|\s)or(?:\s|$)", re.IGNORECASE)
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Words:
    """What to look for: the three arguments of `tsquery`."""

    dictionary: str
    web: str
    """For websearch_to_tsquery."""
    beginning: str
    """For to_tsquery: all words, the last as a beginning; empty where operators say something else."""

    @classmethod
    def of(cls, typed: str) -> "Words":
        """What somebody typed. Nothing that they type is an error."""
        web = _PARTING.sub(" ", typed)
        if _OPERATORS.search(web):
            return cls("simple", web, "")
        words = _WORD.findall(web)
        return cls("english", web, " & ".join(f"'{word}'" for word in words) + ":*" if words else "")


def tsquery(dictionary: str, web: str, beginning: str) -> str:
    """The SQL of a query, from the SQL of its arguments."""
    return (
        f"(websearch_to_tsquery({dictionary}::text::regconfig, {web}) || to_tsquery('simple', {beginning}))"
    )
