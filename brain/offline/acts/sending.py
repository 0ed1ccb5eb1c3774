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
    text = _text(goal, what)
    if isinstance(text, Speech | Call):
        return text
    got = act(goal, "send_to_me", {"channel": channel, "text": text})
    return got if isinstance(got, Call) else Speech(told(got) or phrases.SENT.format(channel=channel))


def message_person(goal: Goal) -> Move:
    person, message = (goal.slot("person") or "").strip(), (goal.slot("message") or "").strip(" .")
    if person.lower() in _NOBODY or len(person.split()) > 2 or not message:
        return Speech(phrases.NOT_UNDERSTOOD)
    got = act(goal, "message_person", {"person": person, "text": message[:1].upper() + message[1:]})
    return got if isinstance(got, Call) else Speech(told(got) or wording.confirmed(got))


def artifact(goal: Goal) -> Move:
    said = _FILE.match((goal.slot("file") or goal.slot("what") or "").strip(" \"“”'"))
    if said is None:
        return Speech(phrases.ASK_FILE)
    text = said["text"].strip() or goal.slot("what") or goal.dialogue.last_by_chief
    name = said["name"] if "." in said["name"] else f"{said['name']}.md"
    if not text:
        return Speech(phrases.ASK_FILE)
    got = act(goal, "create_artifact", {"name": name, "text": text})
    return got if isinstance(got, Call) else Speech(told(got) or wording.saved(name))


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
