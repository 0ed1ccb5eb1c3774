"""From what the person said to an intent: commands, then templates, then the classifier, then doubt."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from brain.offline import decisive, doubt, grammar, mood, spoken
from brain.offline.classifier import Guess
from brain.offline.content import content_of
from brain.offline.dialogue import Said
from brain.offline.heard import as_heard
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
_ENDS = re.compile(r"(?:delete|cancel|kill|stop|nuke|get rid of|drop|remove|pause|suspend)\b", re.IGNORECASE)
_PLAINLY_OFTEN = re.compile(r"(?:(?:on|at) )?(?:every|each|the)\b", re.IGNORECASE)
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
        if decisive.is_assent(text):
            return Understood("yes")
        if (fact := decisive.noted(text)) is not None:
            return Understood("remember", {"fact": fact})
        normalised = as_heard(text)
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
        if wanted and self._is_about_something_else(text, text[often.start : often.end], understood):
            return None
        if not wanted and (regular := self._regular(text, understood)) is not None:
            return (
                regular
                if regular.intent == "remind"
                else Understood("schedule", {"rest": often.rest, "cron": often.cron})
            )
        rest = understood.slots.get("rest") or grammar.without_courtesy(spoken.without_opening(often.rest))
        return Understood("schedule", {"rest": rest, "cron": often.cron}) if wanted else None

    def _is_about_something_else(self, text: str, often: str, without: Understood) -> bool:
        """ "That daily list, please pause it" speaks of a schedule; "the monthly mortgage" makes none."""
        if _PLAINLY_OFTEN.match(often) and without.certain:
            return False
        best = doubt.likeliest(_guesses(text))
        if best.intent in ("change_schedule", "list_schedules"):
            return True
        return best.intent == "create_task" and doubt.is_plain(best) and not _PLAINLY_OFTEN.match(often)

    def _regular(self, text: str, without: Understood) -> Understood | None:
        """What the whole sentence says, when it makes little sense without its "every Monday"."""
        if without.certain and without.intent in mood.ACTING | {"list_schedules", "change_schedule"}:
            return None
        best = doubt.likeliest(_guesses(text))
        if best.intent not in ("remind", "schedule") or not doubt.is_sure(best):
            return None
        return Understood(best.intent, {"rest": grammar.without_courtesy(text)})

    def _once(self, normalised: str, said: Said) -> Understood:
        wish = grammar.without_courtesy(normalised)
        understood = self._meant(normalised, wish, said)
        if decisive.ends_a_project(understood.intent, normalised):
            understood = Understood("delete_project", {"free": normalised})
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
        caught = matched
        if matched is not None and doubt.means_something_else(matched):
            matched = None
        if matched is not None and (matched.complete or said.files):
            return _templated(matched, wish)
        guesses = _guesses(normalised)
        if caught is not None and matched is None:
            guesses = tuple(guess for guess in guesses if guess.intent != caught.intent)
        if matched is not None and not doubt.overrules(guesses, matched.intent):
            if matched.intent == "delegate" and doubt.is_no_work(guesses):
                self._misses.note(said.text, guesses[0].intent, guesses[0].score)
                return Understood("create_task", {"rest": wish}, False, ("create_task",))
            return _templated(matched, wish)
        return self._guessed(guesses, normalised, wish, said)

    def _without_opening(self, wish: str) -> grammar.Match | None:
        bare = mood.asked_straight(grammar.without_courtesy(spoken.without_opening(wish)))
        return grammar.match(bare) if bare != wish else None

    def _guessed(self, guesses: Sequence[Guess], text: str, wish: str, said: Said) -> Understood:
        best = doubt.likeliest([guess for guess in guesses if doubt.possible(guess, text)])
        if said.files and best.intent in ("create_task", "other"):
            return Understood("create_task", {"rest": wish}, best.intent == "create_task", ("create_task",))
        if doubt.is_unsure_talk(best) and doubt.is_question(text):
            best = doubt.asks_rather(guesses) or best
        if best.intent == "remind" and _ENDS.match(wish):
            best = Guess("change_schedule", best.score)
        if (decided := decisive.decided(best.intent, text)) != best.intent:
            best = Guess(decided, 1.0)
        slots = _slots_for(best.intent, wish)
        if best.intent == "create_task" and best.score < doubt.SURE_IT_IS_NEW and not doubt.hands_over(text):
            slots["known"] = "perhaps"
        asks = best.intent in doubt.WORK and doubt.is_question(text)
        if doubt.is_sure(best, text) and not asks:
            return Understood(best.intent, slots)
        self._misses.note(said.text, best.intent, best.score)
        if doubt.is_talk(best.intent) or best.score < doubt.HINT:
            return Understood("other")
        likely = [best.intent, *(guess.intent for guess in guesses if guess.score >= doubt.HINT)]
        options = [intent for intent in dict.fromkeys(likely) if not doubt.is_talk(intent)]
        return Understood(best.intent, slots, False, tuple(options[:2]))


@lru_cache(maxsize=64)
def _guesses(text: str) -> tuple[Guess, ...]:
    """Of the beginning of the text; a sentence with "every Monday" is looked at more than once."""
    from brain.offline.classifier import classifier

    return tuple(classifier().guesses(text[: grammar.MAX_MATCHED_CHARS]))


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


def _templated(matched: grammar.Match, wish: str) -> Understood:
    if matched.intent == "delegate":
        # Work told as an order, without the word "task": "find a caterer".
        return Understood("create_task", {"rest": wish})
    return Understood(matched.intent, _to_the_point(matched.intent, matched.slots))


def _to_the_point(intent: str, slots: Mapping[str, str]) -> Mapping[str, str]:
    """Which task it is, without the reason that follows: "scrap the fence, nobody looks at it"."""
    words = slots.get("words", "")
    if intent not in doubt.ABOUT_A_TASK or intent == "change_task" or "," not in words:
        return slots
    return {**slots, "words": words.partition(",")[0]}


def _slots_for(intent: str, text: str) -> dict[str, str]:
    """What a sentence without a template says: its own act finds the rest in it."""
    slots = {"rest": text, "title": text, "goal": text, "fact": text, "free": text}
    if intent == "change_task":
        slots.pop("title")
    if intent in doubt.ABOUT_A_TASK:
        if number := doubt.TASK_NUMBER.search(text):
            slots["n"] = number[1]
        elif words := content_of(text):
            slots["words"] = words
        else:
            slots["it"] = "it"
    if intent == "search":
        slots["words"] = content_of(text)
    return slots
