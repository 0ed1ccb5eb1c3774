"""Talk that changes nothing."""

from collections.abc import Callable

from brain.offline import phrases
from brain.offline.dialogue import Move, Speech
from brain.offline.goals import Goal


def unknown_command(goal: Goal) -> Move:
    return Speech(f"I do not know the command {goal.slot('name')}.\n\n{phrases.HELP}")


def repeat(goal: Goal) -> Move:
    return Speech(goal.dialogue.last_by_chief or phrases.NOTHING_TO_REPEAT)


def _say(text: str, aloud: str = "") -> Callable[[Goal], Move]:
    return lambda _: Speech(text, aloud)


ACTS: dict[str, Callable[[Goal], Move]] = {
    "cancel_all": _say(phrases.NOT_ALL),
    "help": _say(phrases.HELP, phrases.SPOKEN_HELP),
    "identity": _say(phrases.IDENTITY),
    "add_model": _say(phrases.ADD_MODEL),
    "greeting": _say(phrases.GREETING),
    "thanks": _say(phrases.THANKS),
    "goodbye": _say(phrases.GOODBYE),
    "smalltalk": _say(phrases.SMALLTALK),
    "listening": _say(phrases.LISTENING),
    "undo": _say(phrases.NO_UNDO),
    "repeat": repeat,
    "begin_anew": _say(phrases.BEGUN_ANEW),
    "nothing": _say(phrases.NOTHING_CHANGED),
    "yes_to_what": _say(phrases.YES_TO_WHAT),
    "unknown_command": unknown_command,
    "other": _say(phrases.NOT_UNDERSTOOD),
}
