"""When to ask rather than to act: a guess has to be likely, and the words have to bear it out."""

import re
from collections.abc import Mapping

from brain.offline import grammar
from brain.offline.classifier import Guess

# How likely a guess has to be. Found by leaving parts of the examples out: of these, each worded like no
# other, a guess that changes something is right in five of six cases. More caution asks much more often and
# is hardly more often right. Below HINT a guess is worth nothing.
_SURE_TO_LOOK = 0.36
_SURE_TO_CHANGE = 0.55
HINT = 0.15
_FOREIGN = 0.53
"""So likely something else is meant that an order is asked about, though it begins like one for a worker."""
_LOOKS = frozenset(
    (
        *(
            "overview",
            "brief",
            "list_tasks",
            "show_task",
            "result",
            "agents",
            "list_projects",
            "list_schedules",
        ),
        *("budget_show", "search", "known_facts", "help", "thanks", "greeting", "goodbye", "smalltalk"),
        *("listening", "repeat", "undo", "identity", "other"),
        *("plan", "cancel_task", "pause_all", "delete_project"),
    )
)
"""Intents that only look or talk, or whose tool asks before it does anything."""

_INSTEAD = frozenset(("other", "smalltalk", "greeting", "goodbye", "thanks", "change_task", "cancel_task"))
"""What an order may really be that looks like one for a worker."""
_NO_NAME = re.compile(
    r"^(?:an?|the|back|when|if|once|after|before|at|in|on|later|again|tomorrow|tonight|any|maybe|for)\b", re.I
)
_NO_ANSWER = re.compile(
    r"^(?:is|was|has|had|can|could|may|must|should|would|will|needs?|depends|when|why|how|what|who|where"
    r"|only|comes|goes|too|please)\b",
    re.IGNORECASE,
)

_RENAMING = re.compile(r"^call (?:the|this|that|our|my) (?:\S+ )*(?:project|task|reminder)\b", re.I)

TASK_NUMBER = re.compile(r"\btask (\d+)")
_PROJECT = re.compile(r"\b(?:project|initiative)s?\b", re.IGNORECASE)
# The vectors know what a sentence is about, but not whether anything is wanted.
_WISH = re.compile(
    r"\b(?:needs?|should|want|ought|must|have|has|get|please|can|could|would|handle|take care|make"
    r"|put|let|work out|order|buy|arrange|find)\b",
    re.IGNORECASE,
)
_TO_LOOK = re.compile(r"^(?:have|get|give|send|tell|list|report|read|show|let)\b", re.IGNORECASE)
_QUESTION = re.compile(
    r"^(?:tell me (?:if |in )?)?(?:who|what|when|where|why|how|which|is|are|was|were|does|did|do)\b",
    re.IGNORECASE,
)
# However near the vectors are: without these words it cannot be meant.
_NEEDED_WORDS: Mapping[str, re.Pattern[str]] = {
    "answer_task": TASK_NUMBER,
    "depends": TASK_NUMBER,
    **dict.fromkeys(("create_project", "list_projects", "delete_project"), _PROJECT),
}
# An act needs its verb, or what stands for it; without, a guess is only worth a question.
_BORNE_OUT: Mapping[str, re.Pattern[str]] = {
    intent: re.compile(rf"\b(?:{words})", re.IGNORECASE)
    for intent, words in {
        "approve": r"approv|agree|permi|ahead|fine\b|ok(?:ay)?\b|accept|consent|proceed|blessing|free to"
        r"|yes\b|may\b|allow|sign|green|go on|all right|alright|reject|declin|refus|den(?:y|ied)|veto|no\b",
        "retry_task": r"again|another|retr(?:y|ied)|re-?(?:run|do|start|peat)|once more|try|tried|anew"
        r"|attempt|second",
        "resume_all": r"resum|continu|again|back\b|go on|carry on|un-?paus|start|proceed|release|let them",
        "profile": r"name|call|zone|clock|language|english|german|french|spanish|speak|answer|live|mov",
        "remember": r"remember|note|mind|know|keep|memor|record",
        "budget_set": r"budget|spen[dt]|limit|cap\b|cap it|cost|ceiling|allow|more than|at most|up to",
        "forget": r"forget|remov|delet|erase|wipe|throw|not (?:want you to )?(?:know|keep|remember)|drop",
        "message_person": r"tell|text|write|messag|send|let\b|inform|pass|say|ask",
        "artifact": r"save|store|keep|write|file|note|document|record",
        # Whoever tells that the plumber came asks nothing, whichever task is called something like it.
        "show_task": r"\?|wh(?:at|ere|en|y|o|ich)|how|is\b|are\b|was\b|were\b|did|do\b|does|ha(?:s|ve|d)\b"
        r"|show|tell|open|status|state|progress|detail|look|about|any|update|news|done|ready|far\b|check"
        r"|know|hear|number|one\b|see\b|wonder|going|coming|task",
        "result": r"what|how|result|outcome|find|found|say|said|c[ao]me|read|show|report|file|see\b|hear"
        r"|conclusion|output|summar|answer|tell|give|get",
    }.items()
}
ABOUT_A_TASK = ("show_task", "result", "cancel_task", "retry_task", "change_task", "approve", "answer_task")


def is_sure(guess: Guess) -> bool:
    """Whether it is likely enough for what would be done."""
    sure = _SURE_TO_LOOK if guess.intent in _LOOKS else _SURE_TO_CHANGE
    return guess.intent != "other" and guess.score >= sure


def is_no_work(guess: Guess) -> bool:
    """Whether it tells against an order that begins like one for a worker."""
    return guess.intent in _INSTEAD and guess.score >= _FOREIGN


def is_wish(text: str) -> bool:
    """Whether anything is wanted."""
    return _WISH.search(text) is not None


def is_order_to_look(text: str) -> bool:
    """Whether somebody else is to look something up, or to tell it."""
    return _TO_LOOK.match(text) is not None


def means_something_else(matched: grammar.Match) -> bool:
    """ "Call me a cab" is about no name, and "task 7 is too late" answers no question."""
    slots = matched.slots
    if matched.intent == "delegate":
        return _RENAMING.match(f"{slots.get('verb', '')} {slots.get('rest', '')}") is not None
    if matched.intent == "profile":
        return _NO_NAME.match(slots.get("name", "")) is not None
    return matched.intent == "answer_task" and _NO_ANSWER.match(slots.get("answer", "")) is not None


def possible(guess: Guess, text: str) -> bool:
    """Whether the words that it cannot do without are there."""
    needed = _NEEDED_WORDS.get(guess.intent)
    return needed is None or needed.search(text) is not None


def wanted(intent: str, slots: Mapping[str, str], text: str) -> bool:
    """Whether the words themselves, and not only their nearness to others, ask for it."""
    if intent == "create_task":
        return is_wish(text) and not _QUESTION.match(text)
    borne_out = _BORNE_OUT.get(intent)
    if borne_out is not None and borne_out.search(text) is None:
        return False
    return intent not in ABOUT_A_TASK or bool(slots.get("n") or slots.get("words"))
