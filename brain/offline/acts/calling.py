"""Being called by telephone when a task ends."""

import re

from brain.offline import wording
from brain.offline.dialogue import Call, Move, Speech
from brain.offline.goals import Goal, act, failed, told, which

_AND_CALL = re.compile(
    r"[,;.]?\s*(?:\b(?:and|then|and then|please)\s+)*\b(?:call|ring|phone|telephone|give)\s+me\s+"
    r"(?:(?:a (?:call|ring)|up|back|by phone)\s+)?(?:when|once|as soon as|after|if)\s+"
    r"(?:it(?:'s| is| has been)|that(?:'s| is)|this is|you(?:'re| are| have)|they(?:'re| are)|the \w+ is)?\s*"
    r"(?:all\s+)?(?:done|finished|ready|completed?|there|through|over|in|back)\W*$",
    re.IGNORECASE,
)
TOOL = "call_when_done"


def call_when_done(goal: Goal) -> Move:
    """A wish about a task that there is."""
    if goal.words() is None and goal.slot("n") is None:
        goal = goal.with_slot("it", "it")  # "call me when done": what was spoken of last
    return _asked(goal, {})


def no_call(goal: Goal) -> Move:
    """Takes it back."""
    return _asked(goal, {"call": False})


def without_call(rest: str) -> tuple[str, bool]:
    """What is to be done, without "and call me when it's done" behind it; and whether that was there."""
    bare = _AND_CALL.sub("", rest)
    return (bare, True) if bare != rest and bare.strip() else (rest, False)


def after_creating(goal: Goal, number: int, created: str) -> Move:
    """The wish that came along with a new task."""
    got = act(goal, TOOL, {"number": number})
    return (
        got
        if isinstance(got, Call)
        else Speech(f"{created} {told(got) or wording.will_call(got, just_named=True)}")
    )


def _asked(goal: Goal, more: dict[str, bool]) -> Move:
    number = which(goal)
    if isinstance(number, Speech | Call):
        return number
    got = act(goal, TOOL, {"number": number, **more})
    if isinstance(got, Call):
        return got
    return Speech(told(got) or (wording.will_call(got) if got.task else failed(got)))


ACTS = {"call_when_done": call_when_done, "no_call": no_call}
