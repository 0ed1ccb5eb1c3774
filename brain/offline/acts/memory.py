"""What is known about the person, and what was said before."""

from zoneinfo import available_timezones

from rapidfuzz import fuzz, process, utils

from brain.offline import phrases, wording
from brain.offline.dialogue import Call, Move, Speech
from brain.offline.goals import Goal, act, failed, told

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
    if name := _bare(goal.slot("name")):
        arguments["name"] = name if any(letter.isupper() for letter in name) else name.title()
    if language := _bare(goal.slot("language")):
        arguments["language"] = language
    if said := _bare(goal.slot("zone")):
        zone = _zone(said)
        if zone is None:
            return Speech(phrases.NO_ZONE.format(zone=said))
        arguments["time_zone"] = zone
    got = act(goal, "update_profile", arguments)
    return got if isinstance(got, Call) else Speech(told(got) or wording.profile_changed(arguments))


def _zone(said: str) -> str | None:
    names = {name: name.rpartition("/")[2].replace("_", " ") for name in available_timezones()}
    if said in names:
        return said
    near = process.extractOne(
        said, names, scorer=fuzz.ratio, processor=utils.default_process, score_cutoff=88
    )
    return str(near[2]) if near else None


def _bare(text: str | None) -> str:
    return (text or "").strip(" .,!?\"“”'")


ACTS = {
    "search": search,
    "known_facts": known_facts,
    "remember": remember,
    "forget": forget,
    "profile": profile,
}
