"""Ledger-true speech: the chief claims a deed only if a row of this turn shows it.

A check of words, so it is simple on purpose: it looks for sentences in which the chief says that it did
something, and compares them with what the tools of the turn returned. `deeds` has the words.
"""

import re
from collections.abc import Sequence

from brain.chief import deeds, tongues
from brain.chief.work import TurnWork

CORRECTION = (
    "I have to correct myself: I was about to tell you that something was done, but the ledger shows no such "
    "thing, so nothing was changed. Please tell me once more what to do."
)
REMINDER = (
    "Your last answer claims something that no tool of this turn returned: {claims} "
    "Either call the tool now, or answer again without that claim."
)

_EARLIER = re.compile(
    r"\b(?:earlier|yesterday|ago|before|previously|last (?:week|time|month|night)|was created|once|if)\b",
    re.IGNORECASE,
)
_CREATED_NUMBER = re.compile(r"\b(?:created|added|opened)\b[^.!?\n]{0,30}?\btask #?(\d+)\b", re.IGNORECASE)
_STATE = re.compile(
    # "When task 3 is done" says nothing of how it stands.
    r"(?<!\bwhen )(?<!\bonce )(?<!\bafter )(?<!\buntil )(?<!\bsoon as )(?<!\bif )(?<!\bwhether )"
    r"\btask #?(\d+)\b(?:(?!\b(?:when|once|until|if)\b)[^.!?\n]){0,60}?\b(?:is|was|has been|got)"
    r"\s+(?:(?:now|already|just)\s+)*"
    r"(done|completed?|finished|failed|cancell?ed|running|in progress|blocked)\b",
    re.IGNORECASE,
)
_STATUSES = {
    "done": ("completed",),
    "complete": ("completed",),
    "completed": ("completed",),
    "finished": ("completed", "failed", "cancelled"),
    "failed": ("failed", "pending"),
    "cancelled": ("cancelled", "in_progress"),
    "canceled": ("cancelled", "in_progress"),
    "running": ("in_progress",),
    "in progress": ("in_progress",),
    "blocked": ("blocked",),
}
"""Which states a word may stand for. One that runs is cancelled as soon as its worker has heard of it."""


def false_claims(text: str, work: TurnWork) -> list[str]:
    """The sentences of a reply that claim a deed without a row."""
    done = {action.type for action in work.actions} | ({"schedule.seen"} if work.saw_schedules else set())
    return [sentence for sentence in _sentences(text) if _is_false(sentence, done, work)]


def _is_false(sentence: str, done: set[str], work: TurnWork) -> bool:
    if _is_wrong_state(sentence, work):
        return True
    if _EARLIER.search(sentence):
        return False
    english = tongues.is_english(sentence)
    if any(
        kind.claimed(sentence, english=english) and not done.intersection(kind.enough) for kind in deeds.ALL
    ):
        return True
    # Of a language that no list knows, at least this much is plain.
    if tongues.ticked(sentence) and not done and not work.numbers:
        return True
    if any(not work.knows_of(number) for number in tongues.numbers_in(sentence)):
        return True
    return any(int(number) not in work.numbers for number in _CREATED_NUMBER.findall(sentence))


def _is_wrong_state(sentence: str, work: TurnWork) -> bool:
    """Whether it gives a task another state than the ledger, or one to a task that nobody has heard of."""
    for number, word in _STATE.findall(sentence):
        seen = work.statuses.get(int(number))
        if seen is None and not work.knows_of(int(number)):
            return True
        if seen is not None and seen not in _STATUSES[word.casefold()]:
            return True
    return False


def _sentences(text: str) -> Sequence[str]:
    # Quoted titles may contain any words, and are no claims.
    bare = re.sub(r"“[^”]*”|„[^“”]*[“”]|«[^»]*»|\"[^\"]*\"", "…", text)
    return [part.strip(" -*•\t") for part in re.split(r"(?<=[.!?])\s+|\n+", bare) if part.strip()]
