"""Results, files and messages."""

import re

from brain.offline import phrases, wording
from brain.offline.dialogue import Call, Move, Speech
from brain.offline.goals import Goal, act, failed, told, which

_RESULT = re.compile(
    r"\b(?:result|results|report|outcome|findings|output|summary of|analysis)\b", re.IGNORECASE
)
_BRIEF = re.compile(r"\b(?:status|overview|summary|brief|briefing|digest|news)\b", re.IGNORECASE)
_LAST = re.compile(
    r"^(?:that|this|it|what you (?:just )?said|the answer|your (?:last )?answer|the list)$", re.IGNORECASE
)
_OF = re.compile(r"\b(?:of|for|from|about|on) (?:the )?(?P<words>.+)$", re.IGNORECASE)
_NUMBER = re.compile(r"\btask (\d+)\b", re.IGNORECASE)
_FILE = re.compile(
    r"^(?P<name>[\w][\w .-]*?\.\w{1,5}|[\w][\w-]*)\s*"
    r"(?:[:,\u2013-]\s*|\s+(?:with|saying|containing)\s+)?(?P<text>.*)$",
    re.S,
)
_NOBODY = frozenset(
    [
        "me",
        "you",
        "him",
        "her",
        "it",
        "them",
        "us",
        "everyone",
        "everybody",
        "someone",
        "somebody",
        "that",
        "this",
        "task",
    ]
)
_CHANNELS = (
    ("phone", re.compile(r"\b(?:phone(?! number)|mobile|cell|sms|handset)\b", re.IGNORECASE)),
    ("web", re.compile(r"\b(?:browser|web|panel|screen|computer|desktop|laptop)\b", re.IGNORECASE)),
)
_POINTED_AT = re.compile(r"\b(?:it|that|this|these|those|them|list|the same)\b", re.IGNORECASE)
_PERSON = r"(?P<person>(?:(?:my|our|the) \w+|(?:dr|mrs?|ms|doctor|madam)\.? \w+|\w[\w'-]*)(?: [A-Z]\w+)?)"
_TOLD = re.compile(
    r"\b(?i:tell|text|message|msg|inform|intimate|notify|write(?: to)?|ping|let|shoot"
    r"|send(?: (?:a )?(?:message|note|word))?(?: (?:to|for))?)"
    rf" {_PERSON}(?: (?i:know|a (?:message|note|line|text)))?(?:[:,]| (?i:that|saying|says?|about))?"
    r"\s+(?P<message>.+)$",
    re.DOTALL,
)
_NAMED_FILE = re.compile(r"\b[\w-]+\.(?:md|txt|csv|json|html?|tex)\b", re.IGNORECASE)
_CONTENT = re.compile(
    r"(?::\s+|\b(?:list|note|file|down)(?: (?:for me|with|of|saying|that says|about))*,?\s+)"
    r"(?P<text>(?!for\b|called\b|as\b|the following\b)\S.{5,})$",
    re.IGNORECASE | re.DOTALL,
)


def result(goal: Goal) -> Move:
    number = which(goal, status=["completed", "in_progress", "failed"])
    if isinstance(number, Speech | Call):
        return number
    got = act(goal, "get_result", {"number": number})
    if isinstance(got, Call):
        return got
    return Speech(wording.result(got.task, got.result) if got.result else failed(got))


def send_to_me(goal: Goal) -> Move:
    """Sends what was named: a result, the state of things, what was just said, or the words themselves."""
    channel, what = goal.slot("channel") or "telegram", (goal.slot("what") or "").strip(" .,!?\"“”'")
    free = goal.slot("free")
    if free is not None:
        channel = next((name for name, words in _CHANNELS if words.search(free)), "telegram")
    text = _text(goal, what) if free is None else _free_text(goal, free)
    if isinstance(text, Speech | Call):
        return text
    got = act(goal, "send_to_me", {"channel": channel, "text": text})
    return got if isinstance(got, Call) else Speech(told(got) or phrases.SENT.format(channel=channel))


def message_person(goal: Goal) -> Move:
    person, message = (goal.slot("person") or "").strip(), (goal.slot("message") or "").strip(" .")
    if (free := goal.slot("free")) is not None and (said := _TOLD.search(free)) is not None:
        person, message = said["person"], said["message"].strip(" .")
    if person.lower() in _NOBODY or len(person.split()) > 3 or not message:
        return Speech(phrases.NOT_UNDERSTOOD)
    got = act(goal, "message_person", {"person": person, "text": message[:1].upper() + message[1:]})
    return got if isinstance(got, Call) else Speech(told(got) or wording.confirmed(got))


def artifact(goal: Goal) -> Move:
    if (free := goal.slot("free")) is not None:
        return _note(goal, free)
    said = _FILE.match((goal.slot("file") or goal.slot("what") or "").strip(" \"“”'"))
    if said is None:
        return Speech(phrases.ASK_FILE)
    text = said["text"].strip() or goal.slot("what") or goal.dialogue.last_by_chief
    name = said["name"] if "." in said["name"] else f"{said['name']}.md"
    if not text:
        return Speech(phrases.ASK_FILE)
    got = act(goal, "create_artifact", {"name": name, "text": text})
    return got if isinstance(got, Call) else Speech(told(got) or wording.saved(name))


def _note(goal: Goal, free: str) -> Move:
    """A file out of a sentence: its name if one is in it, and what stands behind the colon."""
    named, said = _NAMED_FILE.search(free), _CONTENT.search(free)
    text = said["text"].strip() if said else goal.dialogue.last_by_chief
    if not text:
        return Speech(phrases.ASK_FILE)
    name = named[0] if named else "list.md" if re.search(r"\blist\b", free, re.IGNORECASE) else "note.md"
    got = act(goal, "create_artifact", {"name": name, "text": text})
    return got if isinstance(got, Call) else Speech(told(got) or wording.saved(name))


def _free_text(goal: Goal, free: str) -> str | Move:
    if (named := _RESULT.search(free)) or _BRIEF.search(free):
        return _text(goal, free if named else "brief")
    if _POINTED_AT.search(free) and goal.dialogue.last_by_chief:
        return goal.dialogue.last_by_chief
    return free


def _text(goal: Goal, what: str) -> str | Move:
    if _LAST.match(what):
        return goal.dialogue.last_by_chief or Speech(phrases.ASK_SEND)
    if _RESULT.search(what):
        return _result_text(goal, what)
    if _BRIEF.search(what):
        got = act(goal, "brief", {})
        if isinstance(got, Call):
            return got
        return wording.brief(got.overview, goal.now) if got.overview else Speech(failed(got))
    return what or Speech(phrases.ASK_SEND)


def _result_text(goal: Goal, what: str) -> str | Move:
    number: int | Move
    if named := _NUMBER.search(what):
        number = int(named[1])
    else:
        of = _OF.search(what)
        words = of["words"] if of else _RESULT.sub("", what).strip(" the") or "that"
        number = which(goal.with_slot("words", words), status=["completed", "in_progress"])
    if isinstance(number, Speech | Call):
        return number
    got = act(goal, "get_result", {"number": number})
    if isinstance(got, Call):
        return got
    return got.result.text if got.result else Speech(failed(got))


ACTS = {
    "result": result,
    "send_to_me": send_to_me,
    "message_person": message_person,
    "artifact": artifact,
}
