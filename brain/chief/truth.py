"""Ledger-true speech: the chief claims a deed only if a row of this turn shows it.

A check of words, so it is simple on purpose: it looks for sentences in which the chief says that it did
something, and compares them with what the tools of the turn returned.
"""

import re
from collections.abc import Sequence

from brain.chief.work import TurnWork

CORRECTION = (
    "I have to correct myself: I was about to tell you that something was done, but the ledger shows no such "
    "thing, so nothing was changed. Please tell me once more what to do."
)
REMINDER = (
    "Your last answer claims something that no tool of this turn returned: {claims} "
    "Either call the tool now, or answer again without that claim."
)

_DEEDS = {
    "created": r"created|added|opened|set up|logged|registered|queued|filed|put (?:it|this) (?:on|into?)",
    "cancelled": r"cancell?ed|deleted|removed|dropped|stopped",
    "updated": r"updated|changed|renamed|moved|raised|lowered|marked|prioriti[sz]ed|rescheduled",
    "retried": r"retried|restarted|requeued|re-queued",
    "answered": r"passed (?:your|the) answer|answered (?:the|its|that) question",
}
_ENOUGH = {
    "created": ("task.created", "project.created"),
    "cancelled": ("task.cancelled",),
    "updated": ("task.updated", "task.retried", "task.cancelled", "gate.answered"),
    "retried": ("task.retried",),
    "answered": ("gate.answered",),
}
_NOT_SO = r"(?!\s+(?:nothing|no|none|not)\b)"
_ADVERBS = r"(?:just|now|already|also|successfully|both|then)\s+"
_I_DID = r"\b(?:i|we)(?:['\u2019]ve| have| had)?\s+(?:{adverbs})*(?:{deed})\b"
_WAS_DONE = (
    r"\b(?:task|project|it|that|this)\b[^.!?\n]{{0,80}}?\b(?:has been|have been|is now)\s+"
    r"(?:{adverbs})*(?:{deed})\b"
)
_BARE = r"^(?:done[:,!. \u2013-]+|ok(?:ay)?[:,!. ]+|great[:,!. ]+|all right[:,!. ]+)*(?:{deed})\b(?!\?)"
_EARLIER = re.compile(
    r"\b(?:earlier|yesterday|ago|before|previously|last (?:week|time|month)|was created)\b", re.IGNORECASE
)
_CLAIMS = {
    kind: re.compile(
        "|".join(form.format(deed=deed, adverbs=_ADVERBS) + _NOT_SO for form in (_I_DID, _WAS_DONE, _BARE)),
        re.IGNORECASE,
    )
    for kind, deed in _DEEDS.items()
}
_CREATED_NUMBER = re.compile(r"\b(?:created|added|opened)\b[^.!?\n]{0,30}?\btask #?(\d+)\b", re.IGNORECASE)


def false_claims(text: str, work: TurnWork) -> list[str]:
    """The sentences of a reply that claim a deed without a row."""
    done = {action.type for action in work.actions}
    return [sentence for sentence in _sentences(text) if _is_false(sentence, done, work.numbers)]


def _is_false(sentence: str, done: set[str], numbers: set[int]) -> bool:
    if _EARLIER.search(sentence):
        return False
    for kind, claim in _CLAIMS.items():
        if claim.search(sentence) and not done.intersection(_ENOUGH[kind]):
            return True
    return any(int(number) not in numbers for number in _CREATED_NUMBER.findall(sentence))


def _sentences(text: str) -> Sequence[str]:
    # Quoted titles may contain any words, and are no claims.
    bare = re.sub(r"“[^”]*”|\"[^\"]*\"", "…", text)
    return [part.strip(" -*•\t") for part in re.split(r"(?<=[.!?])\s+|\n+", bare) if part.strip()]
