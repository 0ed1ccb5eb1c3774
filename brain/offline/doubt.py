"""When to ask rather than to act: a guess has to be likely, and the words have to bear it out."""

import re
from collections.abc import Mapping, Sequence

from brain.offline import grammar
from brain.offline.classifier import Guess

# How likely a guess has to be. Found by leaving each writer of examples out in turn. More caution asks much
# more often and is hardly more often right. Below HINT a guess is worth nothing.
_SURE_TO_LOOK = 0.3
_SURE_TO_ASK_FIRST = 0.42
_SURE_TO_CHANGE = 0.45
_SURE_OF_WORK = 0.57
_PLAIN = 0.72
SURE_IT_IS_NEW = 0.9
"""So likely it is work to be handed over that no task of the ledger can be meant."""
_NO_WORK = 0.55
"""So likely something else is meant that an order is asked about, though it begins like one for a worker."""
HINT = 0.15
_WORTH_A_LOOK = 0.22
_SURE_WHEN_HANDED_OVER = 0.25
_SURE_OF_TALK = 0.6
_SURE_OF_ANOTHER = 0.6
"""So likely another act is meant that a template of nearly any words does not count."""
_OVERRULED = 0.05
"""A template that is less likely than this by everything else in the sentence has caught the wrong fish."""
_KINDS: Sequence[frozenset[str]] = (
    frozenset(("overview", "brief", "list_tasks")),
    frozenset(("show_task", "result")),
    frozenset(("remind", "schedule")),
    frozenset(("approve", "answer_task")),
    frozenset(
        ("other", "thanks", "greeting", "goodbye", "smalltalk", "help", "identity", "listening", "repeat")
    ),
)
"""Intents that are much alike: together they say what kind of thing is wanted."""
_TALK = _KINDS[-1] | {"undo", "add_model"}
_LOOKS = frozenset(
    (
        *("overview", "brief", "list_tasks", "show_task", "result", "agents", "list_projects"),
        *("list_schedules", "budget_show", "search", "known_facts"),
    )
)
_ASKING_FIRST = frozenset(("plan", "cancel_task", "pause_all", "delete_project", "change_schedule", "forget"))
"""Intents whose tool asks before it does anything."""
_BROAD = frozenset(
    (
        *("delegate", "create_task", "show_task", "cancel_task", "change_task", "answer_task", "remind"),
        "message_person",
    )
)
"""Templates that take nearly anything into a slot."""

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
    r"^(?:(?:so|and|but|ok|okay|um|well|wait|hey),? )*"
    r"(?:what|whats|what's|when|which|who|whos|who's|how|why|where)\b"
    r"|^(?:is|are|was|were|does|did|has|have) (?:it|that|there|the|my|any|anything|one|we|they)\b"
    r"|^(?:show|tell|read) (?:me|us) (?!a\b|an\b|some\b)"
    r"|^(?!.*\b(?:can|could|would|will|may|might|please|someone|somebody)\b).*\?",
    re.IGNORECASE,
)
# However near the vectors are: without these words it cannot be meant.
_NEEDED_WORDS: Mapping[str, re.Pattern[str]] = {
    "depends": TASK_NUMBER,
    **dict.fromkeys(("create_project", "list_projects", "delete_project"), _PROJECT),
}
ABOUT_A_TASK = ("show_task", "result", "cancel_task", "retry_task", "change_task", "approve", "answer_task")


def likeliest(guesses: Sequence[Guess]) -> Guess:
    """The best of the likeliest kind, with the likelihood of the kind.

    Args:
        guesses: The likeliest first.
    """
    return max((_with_its_kind(guess, guesses) for guess in guesses[:4]), key=lambda guess: guess.score)


def _with_its_kind(guess: Guess, guesses: Sequence[Guess]) -> Guess:
    alike = next((kind for kind in _KINDS if guess.intent in kind), frozenset((guess.intent,)))
    best = next(one for one in guesses if one.intent in alike)
    return Guess(best.intent, sum(one.score for one in guesses if one.intent in alike))


def is_sure(guess: Guess, text: str = "") -> bool:
    """Whether it is likely enough for what would be done, given the words."""
    if guess.intent == "other":
        return False
    if guess.intent == "create_task" and hands_over(text):
        return guess.score >= _SURE_WHEN_HANDED_OVER
    if guess.intent == "change_task" and TASK_NUMBER.search(text):
        return guess.score >= _SURE_TO_CHANGE
    if guess.intent in _LOOKS or guess.intent in _TALK:
        return guess.score >= _SURE_TO_LOOK
    if guess.intent in WORK:
        return guess.score >= _SURE_OF_WORK
    return guess.score >= (_SURE_TO_ASK_FIRST if guess.intent in _ASKING_FIRST else _SURE_TO_CHANGE)


def is_plain(guess: Guess) -> bool:
    """Whether hardly anything else can be meant."""
    return guess.score >= _PLAIN


def is_no_work(guesses: Sequence[Guess]) -> bool:
    """Whether it tells against an order that begins like one for a worker."""
    best = likeliest(guesses)
    return best.intent != "create_task" and best.score >= _NO_WORK


def overrules(guesses: Sequence[Guess], intent: str) -> bool:
    """Whether everything else in the sentence tells against a template's intent."""
    if intent not in _BROAD:
        return False
    best = likeliest(guesses)
    meant = "create_task" if intent == "delegate" else intent
    another = best.intent not in _TALK | _LOOKS and best.intent != meant
    if another and intent in ("delegate", "change_task") and best.score >= _SURE_OF_ANOTHER:
        return True
    found = next((guess for guess in guesses if guess.intent == meant), None)
    unlikely = found is not None and _with_its_kind(found, guesses).score < _OVERRULED
    return unlikely and best.score >= _SURE_TO_CHANGE


WORK = frozenset(("create_task", "change_task"))
"""What nobody asks for with a question."""


_HANDS_OVER = re.compile(
    r"\b(?:can|could|would|will|let|have|get|ask|need|want|tell|that|might|may)\s+(?:\w+ )?"
    r"(?:some(?:one|body)|any(?:one|body)|one of (?:the|your|you) \w+|(?:a|the|one) (?:worker|seed|helper)"
    r"|the team|seed[- ]?(?:\d|one|two))\b"
    r"|^some(?:one|body) (?:please |should |must |has to |needs? to |ought to )",
    re.IGNORECASE,
)


def hands_over(text: str) -> bool:
    """Whether somebody is to do something: who says so wants work done, whatever it is about."""
    return _HANDS_OVER.search(text) is not None


def asks_rather(guesses: Sequence[Guess]) -> Guess | None:
    """What a question looks for, when it could be talk as well: looking it up costs nothing."""
    looks = [_with_its_kind(guess, guesses) for guess in guesses[:6] if guess.intent in _LOOKS]
    looked = max(looks, key=_score, default=None)
    return looked if looked is not None and looked.score >= _WORTH_A_LOOK else None


def _score(guess: Guess) -> float:
    return guess.score


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


def is_question(text: str) -> bool:
    """Whether it asks for an answer, and not for work."""
    return _QUESTION.match(text) is not None


def is_unsure_talk(guess: Guess) -> bool:
    """Whether it may be talk, and may as well ask for something."""
    return guess.intent in _TALK and guess.score < _SURE_OF_TALK


def is_talk(intent: str) -> bool:
    """Whether nothing is wanted but an answer in words."""
    return intent in _TALK


def possible(guess: Guess, text: str) -> bool:
    """Whether the words that it cannot do without are there."""
    needed = _NEEDED_WORDS.get(guess.intent)
    return needed is None or needed.search(text) is not None
