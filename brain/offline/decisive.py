"""Turns of phrase that decide between work for somebody and what sounds much like it.

"Try the comparison once again" and "draft the comparison" are near each other as vectors, and the wrong one
makes a task that nobody wanted. What decides is said in a few words, whatever the sentence is about.
"""

import re

_SAYS = r"^(?:(?:please|kindly|um|uh|oh|and|so|would you|could you|can you)\b[, ]*)*"
_AGAIN = (
    rf"{_SAYS}(?:try|run|do|start|give|have|let|retry|re-?run)\b.*\b(?:again|once more|one more time"
    r"|another (?:go|try|shot|bash|whirl|chance|attempt))\b"
)
_NOTE = (
    rf"{_SAYS}(?:write|jot|take|note|put)(?: me| down| us)* "
    r"(?:the following\b|an? (?:\w+ )?(?:note|list)\b).*[:,]"
)
_DECIDES = {
    intent: re.compile(words, re.IGNORECASE)
    for intent, words in {
        "retry_task": _AGAIN,
        "plan": r"\b(?:step[- ]?(?:by[- ]step|wise)|game) plan\b",
        "artifact": _NOTE,
        "search": r"^(?:earlier |before )?(?:i|you|we) (?:\w+ )?(?:mentioned|told (?:you|me))\b",
        "change_task": r"\b(?:mention|add|put|note|move|shift)\b.*\b(?:that|this) (?:\w+ )?(?:task|one)\b",
    }.items()
}
_OPEN_TO_IT = frozenset(("create_task", "artifact", "other"))
_TO_A_PERSON = re.compile(
    r"^(?:[Pp]lease |[Cc]ould you |[Cc]an you |[Ww]ould you )*"
    r"(?:[Tt]ell|[Tt]ext|[Mm]sg|[Mm]essage|[Ii]nform|[Ll]et)"
    r" (?!I\b)(?:(?:Dr|Mrs?|Ms|Doctor)\.? )?[A-Z][\w'-]+ (?!to\b|have\b)\S+"
)
_ASSENT = re.compile(
    r"(?:yes|yeah|yep|yup|ok|okay|sure|alright|all right|fine|right)\b[, ]*(?:then )?(?:please )?"
    r"(?:go on|go ahead|go for it|do it|do that)(?: then| please| with it)*[.!]*",
    re.IGNORECASE,
)
_NOTED = re.compile(
    r"(?:(?:please|pls|plz|kindly|just)\s+)?(?:(?:note|n\.?b\.?)\s*:|(?:take )?note that\b"
    r"|for the record\b|for (?:future|your) (?:reference|information)\b)[,:]?\s*(?P<fact>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
_PROJECT_GOES = re.compile(
    r"^(?!.*\b(?:create|start|open|new|set up|add)\b)(?=.*\bproject\b)"
    r".*\b(?:delete|remove|erase|scrap|wipe|discard|get rid of)\b",
    re.IGNORECASE,
)
_OF_A_PROJECT = frozenset(("create_project", "cancel_task", "create_task"))


def is_assent(text: str) -> bool:
    """Whether it says yes to whatever was asked, and nothing else: "yeah go on then"."""
    return _ASSENT.fullmatch(text) is not None


def noted(text: str) -> str | None:
    """What is to be remembered: "please note: we are closed on Monday"."""
    match = _NOTED.fullmatch(text)
    return match["fact"] if match else None


def ends_a_project(intent: str, text: str) -> bool:
    """Whether a project is to go, though it was taken for something else."""
    return intent in _OF_A_PROJECT and _PROJECT_GOES.search(text) is not None


def decided(intent: str, text: str) -> str:
    """The intent that the words decide for, where `intent` alone says too little; else `intent`."""
    if _TO_A_PERSON.match(text):
        return "message_person"
    if intent not in _OPEN_TO_IT:
        return intent
    return next((other for other, words in _DECIDES.items() if words.search(text)), intent)
