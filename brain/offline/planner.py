"""The next move of the offline chief: which tool to call, or what to say.

A move follows from the dialogue alone, so the planner works out afresh, after every tool result, what the
person wants: first by what they said, then by what they were asked before. `acts` says what is done about it.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from brain.offline import doubt, edits, mood, options, phrases, spoken
from brain.offline.acts import ACTS
from brain.offline.acts.creating import task_details
from brain.offline.dialogue import Dialogue, Move, Said, Speech
from brain.offline.ear import for_the_ear
from brain.offline.goals import MENTIONED, Goal, mentioned
from brain.offline.polarity import is_yes
from brain.offline.slots import priority_of
from brain.offline.understanding import Understanding, Understood, redo

_NEEDS_ANSWER = re.compile(r"needs (?:you|your)|is blocked|is waiting|\basks\b|has a question", re.IGNORECASE)
_CREATED = re.compile(r"Created task \d+")
_YES_OR_NO = "Say yes or no."
"""How a tool ends what it asks before it does anything."""
_ANSWERS_TO_CHIEF = ("yes", "no", "pick")


class Planner:
    """Decides the next move."""

    def __init__(self, understanding: Understanding, clock: Callable[[], datetime]) -> None:
        """`clock` gives the person's local time, with its zone."""
        self._understanding = understanding
        self._clock = clock

    def next_move(self, dialogue: Dialogue) -> Move:
        """A call, or the final words."""
        goal = self._goal(dialogue)
        if not goal.understood.certain:
            return Speech(_ask(goal))
        return ACTS[goal.understood.intent](goal)

    def _goal(self, dialogue: Dialogue) -> Goal:
        understood = self._understanding.understand(dialogue.now)
        goal = Goal(dialogue.now, understood, dialogue, self._clock())
        if understood.intent in _ANSWERS_TO_CHIEF:
            return self._answered(goal)
        return _amended(goal) or self._answer_in_words(goal) or goal

    def _answered(self, goal: Goal) -> Goal:
        """What "yes", "no" or "2" refers to."""
        dialogue, intent = goal.dialogue, goal.understood.intent
        asked, previous = _last_words(dialogue), dialogue.last_by_person
        if asked.startswith(phrases.DID_YOU_MEAN):
            options = self._understanding.understand(previous).options if previous else ()
            at = int(goal.slot("choice") or 1) - 1
            if previous is not None and intent != "no" and at < len(options):
                return replace(goal, said=previous, understood=redo(previous, options[at]))
            return _meant(goal, "nothing")
        if intent == "pick":
            return _meant(goal, "show_task", ordinal=goal.slot("ordinal") or "that")
        if (number := _asked_by_task(asked)) is not None:
            return _meant(goal, "answer_task", n=number, answer=goal.said.text)
        if "?" in asked:
            return _meant(goal, "confirm", answer=intent)
        return _meant(goal, "nothing" if intent == "no" else "yes_to_what")

    def _answer_in_words(self, goal: Goal) -> Goal | None:
        """What was said is the answer to what the chief asked for: a title, a name, a time, an answer."""
        asked, understood, text = _last_words(goal.dialogue), goal.understood, goal.said.text
        unclear = not understood.certain or understood.intent == "other"
        previous = goal.dialogue.last_by_person
        if asked.endswith(_YES_OR_NO) and (unclear or understood.intent not in mood.ACTING):
            said = is_yes(text)
            if said is not None:
                return _meant(goal, "confirm", answer="yes" if said else "no")
        if _is(asked, phrases.ASK_TITLE) and (unclear or understood.intent == "create_task"):
            return _meant(goal, "create_task", rest=understood.slots.get("rest") or text)
        if _is(asked, phrases.ASK_PROJECT) and unclear:
            return _meant(goal, "create_project", title=text)
        if _is(asked, phrases.ASK_WHEN) and previous is not None:
            return _meant(goal, "remind", rest=f"{self._slot(previous, 'rest')} {text}")
        if _is(asked, phrases.ASK_REMINDER) and previous is not None:
            return _meant(goal, "remind", rest=f"{text} {self._slot(previous, 'rest')}")
        if _is(asked, phrases.ASK_STEPS_END) and previous is not None:
            return _meant(goal, "plan", goal=self._slot(previous, "goal"), steps=text)
        number = _asked_by_task(asked)
        if doubt.is_question(text):
            return None
        if number is not None and (unclear or (understood.intent == "thanks" and is_yes(text))):
            return _meant(goal, "answer_task", n=number, answer=text)
        return None

    def _slot(self, said: Said, name: str) -> str:
        return self._understanding.understand(said).slots.get(name, "")


def _meant(meant_by: Goal, intent: str, /, **slots: str) -> Goal:
    return replace(meant_by, understood=Understood(intent, slots))


def _amended(goal: Goal) -> Goal | None:
    """ "No, make that Friday": changes what was spoken of last."""
    change = spoken.amendment(goal.said.text)
    last = mentioned(_last_words(goal.dialogue))
    if change is None or not last or (goal.understood.certain and goal.understood.intent == "create_task"):
        return None
    if edits.due_in(change, goal.now) is not None:
        return _meant(goal, "change_task", n=last[0], when=change)
    if (priority := priority_of(change) or edits.priority_in(change)) is not None:
        return _meant(goal, "change_task", n=last[0], priority=priority)
    if _CREATED.match(goal.dialogue.last_by_chief):
        return _meant(goal, "change_task", n=last[0], free=f"make it {change}")
    return None


def _last_words(dialogue: Dialogue) -> str:
    """What the chief said last, without what it says of itself in a first turn."""
    text = dialogue.last_by_chief
    for introduction in (phrases.INTRODUCTION, phrases.SPOKEN_INTRODUCTION):
        text = text.removesuffix(introduction).rstrip()
    return text


def _is(asked: str, question: str) -> bool:
    """Whether the chief's last words end in this question, written or spoken."""
    return asked.endswith((question, for_the_ear(question)))


def _asked_by_task(asked: str) -> str | None:
    """The number of the one task whose question the chief has just passed on."""
    if not _NEEDS_ANSWER.search(asked) or asked.startswith(phrases.DID_YOU_MEAN):
        return None
    numbers = set(mentioned(asked))
    return numbers.pop() if len(numbers) == 1 else None


def _ask(goal: Goal) -> str:
    return options.suggest([_option(goal, intent) for intent in goal.understood.options])


def _option(goal: Goal, intent: str) -> str:
    if intent == "create_task":
        return f"create a task “{task_details(goal, goal.said.text).title}”"
    number = MENTIONED.search(goal.said.text)
    return options.option(intent, f"task {number[1]}" if number else "a task")
