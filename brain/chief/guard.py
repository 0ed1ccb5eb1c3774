"""Against texts that give orders: a change that the person did not ask for needs their yes.

Whatever the model has read of files, results and other people is data. While such a text is in its memory, a
call that changes something must be borne out by the person's own words; one that is not is read back to
them first. The check needs no model, so no text can talk it out of it.
"""

import re
from typing import Any

import msgspec
import structlog
from strands.hooks import BeforeToolCallEvent, HookRegistry

from brain.chief.notes import Waiting
from brain.chief.tools import READ_ONLY
from brain.chief.words import comes_from, says_yes
from brain.chief.work import TurnWork
from brain.rows import Ask, Outcome
from brain.spelling import joined

_OWN_QUESTION = frozenset(("confirm", "plan", "delete_project", "message_person", "pause_all", "cancel_task"))
"""These ask by themselves, or do only what was asked about."""
_HARMLESS = frozenset(("create_artifact", "hang_up"))
"""A file that lies in the ledger does nothing, and who is hung up on calls again."""
_FREE_TEXT = ("title", "description", "text", "name", "answer", "fact", "acceptance_criteria")
_VERBS = {
    "create_task": r"creat|add|set up|make|have|task|put",
    "create_project": r"creat|add|set up|make|project",
    "remember": r"remember|note|keep in mind",
    "remind": r"remind",
    "schedule": r"schedul|every|remind",
    "answer_gate": r"answer|tell|pass|say",
    "retry_task": r"retr|again|another (?:go|try)|restart|re-?run|redo",
    "update_task": r"chang|updat|set|make|renam|mov|priorit|urgent|due|deadline|postpon|delay|raise|lower",
    "resume_all": r"resum|continu|go on|un-?paus|carry on|start",
    "schedules": r"paus|resum|run|delet|remov|stop|list|schedul|remind",
    "budget": r"budget|spend|limit|cap|cost",
    "forget": r"forget|remov|delet|erase",
    "update_profile": r"name|call|zone|clock|language|speak|live|mov",
    "call_when_done": r"call|ring|phone",
    "send_to_me": r"send|text|message|telegram|phone|show",
}
_VERB_UNSAID = frozenset(("create_task", "create_project", "remember", "remind", "schedule", "answer_gate"))
"""People ask for these without a verb, too: "and the gate, please". Their words are enough."""
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_SHOWN_CHARS = 300

log = structlog.get_logger(__name__)


class Guard:
    """Looks at every call of a tool before it is made."""

    def register_hooks(self, registry: HookRegistry, **_: Any) -> None:
        """As Strands asks for it."""
        registry.add_callback(BeforeToolCallEvent, self.check)

    def check(self, event: BeforeToolCallEvent) -> None:
        """Put a call before the person that a text has provoked, as far as anybody can tell."""
        work = event.invocation_state.get("work")
        name, arguments = event.tool_use["name"], event.tool_use["input"]
        if not isinstance(work, TurnWork) or event.selected_tool is None:
            return
        free = name in READ_ONLY or name in _OWN_QUESTION or name in _HARMLESS
        if free or not _needs_grounds(work, name, arguments):
            return
        if asked_for(name, arguments, work):
            return
        log.warning("tool.provoked", tool=name)
        question = f"{_read_back(name, arguments)} You did not ask for that yourself. Shall I? Say yes or no."
        work.asks.append(Waiting(tool=name, arguments=arguments, text=question))
        asked = Outcome(ask=Ask(text=question))
        event.cancel_tool = msgspec.json.encode(asked.to_json()).decode()


def asked_for(tool: str, arguments: dict[str, Any], work: TurnWork) -> bool:
    """Whether the person's own words bear a call out: its verb, and the words that it is made of.

    After a yes, the chief's own question counts as theirs, if it was about such a deed.
    """
    said = f"{work.before} {work.said} {joined(work.said)} {' '.join(file.name for file in work.files)}"
    verb = re.compile(rf"\b(?:{_VERBS[tool]})", re.IGNORECASE) if tool in _VERBS else None
    if says_yes(work.said):
        questions = [one for one in _SENTENCE.split(work.asked) if one.endswith("?")]
        said = " ".join([said, *(one for one in questions if verb is None or verb.search(one))])
    if verb is not None and tool not in _VERB_UNSAID and not verb.search(said):
        return False
    if "limit" in arguments and str(arguments["limit"]).removesuffix(".0") not in _NUMBER.findall(said):
        return False
    texts = [value for key, value in _leaves(arguments) if key in _FREE_TEXT]
    return all(comes_from(text, said) for text in texts) and bool(texts or verb)


def _needs_grounds(work: TurnWork, tool: str, arguments: dict[str, Any]) -> bool:
    if not work.follows_data or work.approved or work.notes.foreign == 0:
        return False
    return not (tool in ("schedules", "budget") and arguments.get("action", "list") in ("list", "show"))


def _leaves(value: Any, key: str = "") -> list[tuple[str, str]]:
    if isinstance(value, dict):
        return [leaf for inner, one in value.items() for leaf in _leaves(one, str(inner))]
    if isinstance(value, list):
        return [leaf for one in value for leaf in _leaves(one, key)]
    return [(key, value)] if isinstance(value, str) else []


def _read_back(tool: str, arguments: dict[str, Any]) -> str:
    given = ", ".join(
        f"{key}: {_short(value)}" for key, value in arguments.items() if value not in (None, "", [])
    )
    return f"Something that I read suggests to {tool.replace('_', ' ')}{f' ({given})' if given else ''}."


def _short(value: Any) -> str:
    text = " ".join(str(value).split())
    return f"“{text}”" if len(text) <= _SHOWN_CHARS else f"“{text[:_SHOWN_CHARS]}…”"
