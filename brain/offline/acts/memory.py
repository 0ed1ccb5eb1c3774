"""What is known about the person, and what was said before."""

import re
from zoneinfo import available_timezones

from rapidfuzz import fuzz, process, utils

from brain.offline import phrases, wording
from brain.offline.dialogue import Call, Move, Speech
from brain.offline.goals import Goal, act, failed, told

_NAME = re.compile(
    r"(?i:\b(?:call|address|name is|named?|known as|go by))(?: (?i:me|as))* "
    r"(?P<said>(?:(?:Dr|Mrs?|Ms|Miss|Prof|Sir|Madam)\.? ?)*[A-Z][\w'-]*)"
)
_LANGUAGE = re.compile(
    r"\b(?P<said>english|german|french|spanish|italian|portuguese|dutch|polish|russian|swedish|danish|turkish"
    r"|japanese|chinese|hindi|arabic|norwegian|finnish|czech|greek)\b",
    re.IGNORECASE,
)
_PLACE = re.compile(
    r"\b(?i:in|to|on|from|at) (?:the )?(?P<said>(?i:pacific|eastern|central)(?= time)|[A-Z]\w+(?: [A-Z]\w+)?"
    r"|(?!set|the|my|there|now|that|a\b)\w+(?=,| (?:now|for|until|till|so|as|time)\b|$))",
)
_EVERYTHING = ("everything", "all", "all you know", "everything you know", "my data", "all the facts")


def search(goal: Goal) -> Move:
    words = _bare(goal.slot("words"))
    if not words:
        return Speech(phrases.ASK_SEARCH)
    got = act(goal, "search_conversation", {"words": words})
    if isinstance(got, Call):
        return got
    return Speech(wording.said_before(got.turns, words, goal.now) if got.turns is not None else failed(got))


def known_facts(goal: Goal) -> Move:
    got = act(goal, "known_facts", {})
    if isinstance(got, Call):
        return got
    return Speech(wording.facts(got.facts) if got.facts is not None else failed(got))


def remember(goal: Goal) -> Move:
    fact = _bare(goal.slot("fact"))
    if not fact:
        return Speech(phrases.ASK_FACT)
    got = act(goal, "remember", {"fact": fact[:1].upper() + fact[1:]})
    return got if isinstance(got, Call) else Speech(told(got) or wording.remembered(fact))


def forget(goal: Goal) -> Move:
    fact = _bare(goal.slot("fact"))
    if not fact or fact.lower() in _EVERYTHING:
        fact = "everything"
    got = act(goal, "forget", {"fact": fact})
    return got if isinstance(got, Call) else Speech(told(got) or wording.forgotten(fact))


def profile(goal: Goal) -> Move:
    arguments = {}
    free = goal.slot("free") or ""
    if name := _bare(goal.slot("name") or _named(_NAME, free)):
        arguments["name"] = name if any(letter.isupper() for letter in name) else name.title()
    if language := _bare(goal.slot("language") or _named(_LANGUAGE, free).title()):
        arguments["language"] = language
    if said := _bare(goal.slot("zone") or ("" if arguments else _named(_PLACE, free))):
        zone = _zone(said)
        if zone is None:
            return Speech(phrases.NO_ZONE.format(zone=said))
        arguments["time_zone"] = zone
    if not arguments:
        return Speech(phrases.ASK_PROFILE)
    got = act(goal, "update_profile", arguments)
    return got if isinstance(got, Call) else Speech(told(got) or wording.profile_changed(arguments))


def _named(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return match["said"] if match else ""


def _zone(said: str) -> str | None:
    if (short := _SHORT.get(said.lower())) is not None:
        return short
    names = {name: name.rpartition("/")[2].replace("_", " ") for name in available_timezones()}
    if said in names:
        return said
    near = process.extractOne(
        said, names, scorer=fuzz.ratio, processor=utils.default_process, score_cutoff=88
    )
    return str(near[2]) if near else None


_SHORT = {
    "pacific": "America/Los_Angeles",
    "la": "America/Los_Angeles",
    "eastern": "America/New_York",
    "central": "America/Chicago",
    "bangalore": "Asia/Kolkata",
    "mumbai": "Asia/Kolkata",
    "delhi": "Asia/Kolkata",
}
"""Places that the list of zones does not name."""


def _bare(text: str | None) -> str:
    return (text or "").strip(" .,!?\"“”'")


ACTS = {
    "search": search,
    "known_facts": known_facts,
    "remember": remember,
    "forget": forget,
    "profile": profile,
}
