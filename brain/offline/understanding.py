"""From what the person said to an intent: commands, then templates, then the classifier, then doubt."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from brain.offline import grammar
from brain.offline.classifier import Classifier, Guess
from brain.offline.dialogue import Said
from brain.offline.misses import Misses

# Tuned on tests/evals/utterances.yaml: above SURE one may act, below HINT the guess is worth nothing.
SURE = 0.62
MARGIN = 0.06
HINT = 0.36

_COMMAND = re.compile(r"^/(?P<name>[A-Za-z_]+)(?:@\w+)?(?:\s+(?P<rest>.*))?$", re.DOTALL)
_COMMANDS: Mapping[str, tuple[str, str]] = {
    # command: (intent, slot that takes the rest)
    "task": ("create_task", "rest"),
    "new": ("begin_anew", ""),
    "project": ("create_project", "title"),
    "tasks": ("list_tasks", "said_state"),
    "status": ("overview", ""),
    "brief": ("overview", ""),
    "agents": ("agents", ""),
    "projects": ("list_projects", ""),
    "show": ("show_task", "n"),
    "cancel": ("cancel_task", "n"),
    "retry": ("retry_task", "n"),
    "answer": ("answer_task", "said_answer"),
    "help": ("help", ""),
    "start": ("help", ""),
}
_TASK_NUMBER = re.compile(r"\btask \d+")
_PROJECT = re.compile(r"\b(?:project|initiative)s?\b", re.IGNORECASE)
# The vectors know what a sentence is about, but not whether anything is wanted.
_WISH = re.compile(
    r"\b(?:needs?|should|want|ought|must|have|has|get|please|can|could|would|handle|take care|make"
    r"|put|let|someone|somebody|work out)\b",
    re.IGNORECASE,
)
# However near the vectors are: without these words it cannot be meant.
_NEEDED_WORDS: Mapping[str, re.Pattern[str]] = {
    **dict.fromkeys(("show_task", "cancel_task", "retry_task", "change_task", "answer_task"), _TASK_NUMBER),
    **dict.fromkeys(("create_project", "list_projects"), _PROJECT),
}


@dataclass(frozen=True)
class Understood:
    """What the person seems to want."""

    intent: str
    slots: Mapping[str, str] = field(default_factory=dict)
    certain: bool = True
    options: tuple[str, ...] = ()
    """When uncertain: intents to ask about, the likeliest first; none when nothing comes near."""


class Understanding:
    """Holds what is needed to understand; asks for the classifier only when no template fits."""

    def __init__(self, misses: Misses) -> None:
        self._misses = misses

    def understand(self, said: Said) -> Understood:
        """The intent of one message. Deterministic: the same message always means the same."""
        text = said.text.strip()
        if text.startswith("/"):
            return command(text)
        if not text:
            return Understood("create_task", {"rest": ""}, certain=False, options=("create_task",))
        normalised = grammar.normalise(text)
        wish = grammar.without_courtesy(normalised)
        matched = grammar.match(normalised)
        # "Good morning" is a wish of its own, and in front of another it is courtesy.
        if matched is None or not matched.complete:
            matched = grammar.match(wish) or matched
        return _from_match(matched, wish) if matched is not None else self._guess(wish, said)

    def _guess(self, text: str, said: Said) -> Understood:
        guesses = self._classifier().guesses(text[: grammar.MAX_MATCHED_CHARS])
        usable = [guess for guess in guesses if _possible(guess, text)]
        best, second = usable[0], usable[1]
        if said.files and best.intent in ("create_task", "other"):
            return Understood("create_task", {"rest": text}, best.intent == "create_task", ("create_task",))
        slots = _slots_for(best.intent, text)
        clear = best.score >= SURE and best.score - second.score >= MARGIN
        if clear and (best.intent != "create_task" or _WISH.search(text)):
            return Understood(best.intent, slots)
        self._misses.note(said.text, best.intent, best.score)
        options = tuple(guess.intent for guess in usable[:2] if guess.score >= HINT)
        if not options or best.intent == "other":
            return Understood("other")
        return Understood(best.intent, slots, False, tuple(o for o in options if o != "other"))

    def _classifier(self) -> Classifier:
        from brain.offline.classifier import classifier

        return classifier()


def command(text: str) -> Understood:
    """A slash command, as Telegram and the command line send them."""
    match = _COMMAND.match(text)
    known = _COMMANDS.get(match["name"].lower()) if match else None
    if match is None or known is None:
        return Understood("unknown_command", {"name": text.split()[0]})
    intent, slot = known
    rest = (match["rest"] or "").strip()
    if slot == "n":
        number = re.match(r"(?:task\s*)?#?(\d+)", rest, re.IGNORECASE)
        return Understood(intent, {"n": number[1]} if number else {})
    if slot == "said_answer":
        answer = re.match(r"(?:task\s*)?#?(\d+)[\s:,]+(.+)", rest, re.IGNORECASE | re.DOTALL)
        return Understood(intent, {"n": answer[1], "answer": answer[2]} if answer else {})
    if slot == "said_state":
        listed = grammar.match(f"show {rest} tasks") if rest else None
        return Understood(intent, listed.slots if listed and listed.intent == intent else {})
    return Understood(intent, {slot: rest} if slot and rest else {})


def redo(said: Said, intent: str) -> Understood:
    """What `said` means once the person has said which intent it is."""
    return Understood(intent, _slots_for(intent, grammar.without_courtesy(grammar.normalise(said.text))))


def _from_match(matched: grammar.Match, text: str) -> Understood:
    if matched.intent == "delegate":
        # Work told as an order, without the word "task".
        return Understood("create_task", {"rest": text})
    return Understood(matched.intent, matched.slots)


def _possible(guess: Guess, text: str) -> bool:
    needed = _NEEDED_WORDS.get(guess.intent)
    return needed is None or needed.search(text) is not None


def _slots_for(intent: str, text: str) -> dict[str, str]:
    if intent in ("create_task", "create_project"):
        return {"rest": text, "title": text}
    number = re.search(r"\btask (\d+)", text)
    slots = {"n": number[1]} if number else {}
    if intent == "answer_task":
        slots["answer"] = text
    return slots
