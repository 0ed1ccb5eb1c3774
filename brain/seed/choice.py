"""Which skill a task calls for, by rules. Pure: no ledger, no process.

A file decides more than words do: a table is reported on, a text is summarised. Where the words ask for
something that no skill does, the person is asked; never is a task done half and called done.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from agentops.wire import Artifact, Gate, Task
from brain.seed.catalog import Skill

CSV_REPORT, TEXT_SUMMARY = "csv-report", "text-summary"
CANCEL, REPORT, SUMMARISE = "Cancel it", "Make the report", "Summarise it"

_TABLE_TYPES = frozenset({"text/csv", "application/csv", "text/tab-separated-values"})
_TABLE_ENDINGS = frozenset({".csv", ".tsv", ".tab"})
_TEXT_TYPES = frozenset({"text/plain", "text/markdown", "text/x-markdown", "text/x-rst"})
_TEXT_ENDINGS = frozenset({".txt", ".md", ".markdown", ".rst", ".text"})
_SHORTEST_TEXT, _SHORTEST_ANSWER = 300, 120
"""Characters; a description below that is the task itself and not a text to summarise."""

_ASKS_TO_SUMMARISE = re.compile(
    r"\b(summar\w+|tl;?dr|shorten|condense|key (points|facts)|gist|digest|main points"
    r"|zusammenfass\w*|zusammenzufassen|fasse?\b.*\bzusammen|résum\w+|resum\w+|riassum\w+)\b",
    re.IGNORECASE,
)
_BEYOND = (
    *(
        "translate",
        "convert",
        "merge",
        "join",
        "clean",
        "deduplicate",
        "dedupe",
        "delete",
        "remove",
        "rewrite",
    ),
    *(
        "send",
        "email",
        "mail",
        "post",
        "publish",
        "upload",
        "download",
        "buy",
        "book",
        "order",
        "call",
        "deploy",
    ),
    *(
        "predict",
        "forecast",
        "train",
        "code",
        "implement",
        "build",
        "design",
        "import",
        "fix",
        "edit",
        "format",
    ),
    *(
        "encrypt",
        "print",
        "sign",
        "pay",
        "invite",
        "schedule",
        "reply",
        "answer",
        "write",
        "draft",
        "compose",
    ),
)
_OPENS_WITH_BEYOND = re.compile(rf"\s*(?:please |can you |could you )?({'|'.join(_BEYOND)})\b", re.IGNORECASE)
_DECLINES = re.compile(
    r"\s*(cancel( it| this| that| the task)?|stop( it)?|forget it|never ?mind|no|nein|abbrechen)[.!]*\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Run:
    """Do it with this skill, on these files and, if given, this text."""

    skill: Skill
    inputs: tuple[Artifact, ...] = ()
    text: str | None = None


@dataclass(frozen=True)
class Ask:
    """The person has to decide."""

    question: str
    options: tuple[str, ...]


@dataclass(frozen=True)
class GiveUp:
    """It cannot be done, and asking again would not help."""

    error: str


Choice = Run | Ask | GiveUp


def choose(
    task: Task, inputs: Sequence[Artifact], answers: Sequence[Gate], skills: Mapping[str, Skill]
) -> Choice:
    """What to do about a task.

    Args:
        task: As claimed.
        inputs: The files that it brought.
        answers: What the person was asked before and said, oldest first.
        skills: By name.
    """
    answer = (answers[-1].answer or "").strip() if answers else ""
    if answer and _DECLINES.fullmatch(answer):
        return GiveUp("Not done: you chose to cancel it.")
    tables = tuple(artifact for artifact in inputs if is_table(artifact))
    texts = tuple(artifact for artifact in inputs if is_text(artifact))
    offer = _offer(task, tables, texts, answer, skills)
    if offer is None:
        return _nothing_fits(inputs, asked=bool(answer))
    beyond = _OPENS_WITH_BEYOND.match(task.title)
    agreed = answer in (REPORT, SUMMARISE) or _is_named(task, offer.skill)
    if beyond and not agreed and not _ASKS_TO_SUMMARISE.search(task.title):
        return _only_part(beyond[1].lower(), offer, asked=bool(answer))
    return offer


def is_table(artifact: Artifact) -> bool:
    """By the name's ending, else by the media type."""
    return _looks_like(artifact, _TABLE_ENDINGS, _TABLE_TYPES)


def is_text(artifact: Artifact) -> bool:
    """By the name's ending, else by the media type; a table is none."""
    return not is_table(artifact) and _looks_like(artifact, _TEXT_ENDINGS, _TEXT_TYPES)


def _looks_like(artifact: Artifact, endings: frozenset[str], types: frozenset[str]) -> bool:
    ending = PurePath(artifact.name.lower()).suffix
    if ending in _TABLE_ENDINGS | _TEXT_ENDINGS:
        return ending in endings
    return artifact.media_type.split(";")[0].strip().lower() in types


def _is_named(task: Task, skill: Skill) -> bool:
    """Whoever made the task asked for this very skill."""
    return skill.name in task.capabilities


def _offer(
    task: Task,
    tables: tuple[Artifact, ...],
    texts: tuple[Artifact, ...],
    answer: str,
    skills: Mapping[str, Skill],
) -> Run | None:
    """What a skill could do here, whether or not it is what the task asks for."""
    report, summary = skills.get(CSV_REPORT), skills.get(TEXT_SUMMARY)
    asks = _ASKS_TO_SUMMARISE.search(f"{task.title}\n{task.description}") is not None
    if summary and texts and (asks or not tables or _is_named(task, summary)):
        return Run(summary, texts)
    if report and tables:
        return Run(report, tables)
    if summary and not tables and len(answer) >= _SHORTEST_ANSWER:
        return Run(summary, text=answer)
    if summary and (asks or _is_named(task, summary)) and len(task.description) >= _SHORTEST_TEXT:
        return Run(summary, text=task.description)
    return None


def _nothing_fits(inputs: Sequence[Artifact], *, asked: bool) -> Choice:
    able = "What I can do without a model: report on a CSV file, and summarise a text"
    if asked:
        return GiveUp(f"No skill fits this task, even after your answer. {able}.")
    if inputs:
        names = ", ".join(artifact.name for artifact in inputs[:5])
        return Ask(
            f"I cannot read {names} yet. {able} (.csv, .tsv, .txt, .md). Shall I cancel this? To go on, "
            "save the file as one of these and make a new task with it.",
            (CANCEL,),
        )
    return Ask(
        f"I have no skill for this yet. {able}. Shall I cancel it? "
        "If there is a text to summarise, answer with it.",
        (CANCEL,),
    )


def _only_part(wanted: str, offer: Run, *, asked: bool) -> Choice:
    if asked:
        return GiveUp(f"I have no skill to “{wanted}”, and you did not ask for what I can do instead.")
    what = offer.inputs[0].name if offer.inputs else "the text"
    if offer.skill.name == CSV_REPORT:
        can, option = f"report on {what} (statistics, findings, a chart)", REPORT
    else:
        can, option = f"summarise {what}", SUMMARISE
    return Ask(f"I have no skill to “{wanted}” yet. I can {can}. Shall I do that instead?", (option, CANCEL))
