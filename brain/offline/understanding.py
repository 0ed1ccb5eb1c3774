"""From what the person said to an intent: commands, then templates, then the classifier, then doubt."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import resources

from brain.offline import doubt, grammar, mood, spoken
from brain.offline.classifier import Classifier
from brain.offline.dialogue import Said
from brain.offline.due import written_clock
from brain.offline.misses import Misses
from brain.offline.recurring import find_recurrence

_COMMAND = re.compile(r"^/(?P<name>[A-Za-z_]+)(?:@\w+)?(?:\s+(?P<rest>.*))?$", re.DOTALL)
_COMMANDS: Mapping[str, tuple[str, str]] = {
    # command: (intent, slot that takes the rest)
    "task": ("create_task", "rest"),
    "new": ("begin_anew", ""),
    "project": ("create_project", "title"),
    "tasks": ("list_tasks", "said_state"),
    "status": ("overview", ""),
    "brief": ("brief", ""),
    "plan": ("plan", "goal"),
    "remind": ("remind", "rest"),
    "reminders": ("list_schedules", ""),
    "result": ("result", "n"),
    "budget": ("budget_show", ""),
    "pause": ("pause_all", ""),
    "resume": ("resume_all", ""),
    "agents": ("agents", ""),
    "projects": ("list_projects", ""),
    "show": ("show_task", "n"),
    "cancel": ("cancel_task", "n"),
    "retry": ("retry_task", "n"),
    "answer": ("answer_task", "said_answer"),
    "help": ("help", ""),
    "start": ("help", ""),
}
_LOOKED_UP = ("list_tasks", "overview", "show_task", "agents", "budget_show")
_WORK = ("create_task", "send_to_me", "result", "brief")
"""Intents that become something regular when the words say how often."""


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
        # A turn asks again after each tool result; the same words always mean the same.
        self._understood = lru_cache(maxsize=64)(self._understand)

    def understand(self, said: Said) -> Understood:
        """The intent of one message. Deterministic: the same message always means the same."""
        return self._understood(said)

    def _understand(self, said: Said) -> Understood:
        text = said.text.strip()
        if text.startswith("/"):
            return command(text)
        if not text:
            return Understood("create_task", {"rest": ""}, certain=False, options=("create_task",))
        normalised = grammar.normalise(spoken.tidy(grammar.normalise(written_clock(text))))
        return self._repeated(normalised, said) or self._once(normalised, said)

    def _repeated(self, text: str, said: Said) -> Understood | None:
        """Work that comes again and again, understood by what is left without "every Monday"."""
        often = find_recurrence(text)
        if often is None or not often.rest:
            return None
        understood = self._once(often.rest, said)
        if understood.intent == "remind" and understood.certain:
            rest = understood.slots.get("rest", "")
            return Understood("remind", {"rest": f"{rest} {text[often.start : often.end]}"})
        wanted = understood.intent in _WORK or (
            not understood.certain and "create_task" in understood.options
        )
        if understood.intent == "other" or not understood.certain:
            wanted = wanted or doubt.is_wish(text)
        # "Have the open matters listed" looks something up, and every Friday it is work.
        wanted = wanted or (understood.intent in _LOOKED_UP and doubt.is_order_to_look(often.rest))
        rest = understood.slots.get("rest") or grammar.without_courtesy(spoken.without_opening(often.rest))
        return Understood("schedule", {"rest": rest, "cron": often.cron}) if wanted else None

    def _once(self, normalised: str, said: Said) -> Understood:
        wish = grammar.without_courtesy(normalised)
        understood = self._meant(normalised, wish, said)
        if not understood.certain or understood.intent not in mood.ACTING:
            return understood
        if mood.is_forbidden(normalised):
            return Understood("nothing")
        if mood.is_mere_talk(normalised) or mood.is_mere_talk(wish):
            self._misses.note(said.text, understood.intent, 1.0)
            return Understood(understood.intent, understood.slots, False, (understood.intent,))
        return understood

    def _meant(self, normalised: str, wish: str, said: Said) -> Understood:
        """As if every sentence asked for something."""
        matched = grammar.match(normalised)
        # "Good morning" is a wish of its own, and in front of another it is courtesy.
        if matched is None or not matched.complete:
            matched = grammar.match(wish) or matched or self._without_opening(wish)
        if matched is None or doubt.means_something_else(matched):
            return self._guess(mood.asked_straight(spoken.without_opening(wish)), said)
        if matched.intent == "delegate":
            return self._delegated(wish, said)
        return Understood(matched.intent, _to_the_point(matched.intent, matched.slots))

    def _delegated(self, wish: str, said: Said) -> Understood:
        """Work told as an order, without the word "task": "find a caterer", but also "find my car"."""
        slots = {"rest": wish}
        best = self._classifier().guesses(wish[: grammar.MAX_MATCHED_CHARS])[0]
        if said.files or not doubt.is_no_work(best):
            return Understood("create_task", slots)
        self._misses.note(said.text, best.intent, best.score)
        options = ("create_task",) if best.intent == "other" else ("create_task", best.intent)
        return Understood("create_task", slots, False, options)

    def _without_opening(self, wish: str) -> grammar.Match | None:
        bare = mood.asked_straight(grammar.without_courtesy(spoken.without_opening(wish)))
        return grammar.match(bare) if bare != wish else None

    def _guess(self, text: str, said: Said) -> Understood:
        guesses = self._classifier().guesses(text[: grammar.MAX_MATCHED_CHARS])
        usable = [guess for guess in guesses if doubt.possible(guess, text)]
        best = usable[0]
        if said.files and best.intent in ("create_task", "other"):
            return Understood("create_task", {"rest": text}, best.intent == "create_task", ("create_task",))
        slots = _slots_for(best.intent, text)
        if doubt.is_sure(best) and doubt.wanted(best.intent, slots, text):
            return Understood(best.intent, slots)
        self._misses.note(said.text, best.intent, best.score)
        options = tuple(guess.intent for guess in usable[:2] if guess.score >= doubt.HINT)
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


def content_of(text: str) -> str:
    """The words of a sentence that can name something, without those that every sentence has."""
    words = re.findall(r"[\w'-]+(?:\.\w+)?", text)
    return " ".join(word for word in words if word.lower() not in _stop_words())


@cache
def _stop_words() -> frozenset[str]:
    path = resources.files("brain.offline") / grammar.LANGUAGE / "stop_words.txt"
    return frozenset(path.read_text("utf-8").split())


def _to_the_point(intent: str, slots: Mapping[str, str]) -> Mapping[str, str]:
    """Which task it is, without the reason that follows: "scrap the fence, nobody looks at it"."""
    words = slots.get("words", "")
    if intent not in doubt.ABOUT_A_TASK or intent == "change_task" or "," not in words:
        return slots
    return {**slots, "words": words.partition(",")[0]}


def _slots_for(intent: str, text: str) -> dict[str, str]:
    slots = {"rest": text, "title": text, "goal": text, "fact": text}
    if intent in doubt.ABOUT_A_TASK:
        slots = {"rest": text} if intent == "change_task" else {}
        if number := doubt.TASK_NUMBER.search(text):
            slots["n"] = number[1]
        elif words := content_of(text):
            slots["words"] = words
    if intent == "answer_task":
        slots["answer"] = text
    if intent == "search":
        slots = {"words": content_of(text)}
    return slots
