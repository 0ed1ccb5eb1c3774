"""Which skill a task calls for, by rules. Pure: no ledger, no process.

Clear words decide first: links, a checklist, another format, dates, a calculation. Otherwise a file decides:
a table is reported on, a text is summarised. Where the words ask for something that no skill does, the
person is asked; never is a task done half and called done.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agentops.wire import Artifact, Gate, Task
from brain.seed import asks
from brain.seed.catalog import Skill
from brain.seed.kinds import is_picture, is_record, is_table, is_text

CSV_REPORT, TEXT_SUMMARY, CONVERSION = "csv-report", "text-summary", "file-conversion"
LINK_CHECK, CHECKLIST, CALENDAR, CALCULATION = (
    "link-check",
    "checklist-making",
    "calendar-arithmetic",
    "unit-calculation",
)
CANCEL, REPORT, SUMMARISE = "Cancel it", "Make the report", "Summarise it"

_SHORTEST_TEXT, _SHORTEST_ANSWER = 300, 120
"""Characters; a description below that is the task itself and not a text to summarise."""
_ABLE = (
    "What I can do without a model: report on a CSV or Excel file, summarise a text or a web page, convert "
    "files, check links, calculate, count days, and make a checklist"
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
    by_words = _by_words(task, inputs, skills)
    if by_words is not None:
        return by_words
    tables = tuple(artifact for artifact in inputs if is_table(artifact))
    texts = tuple(artifact for artifact in inputs if is_text(artifact))
    offer = _offer(task, tables, texts, answer, skills)
    if offer is None:
        return _nothing_fits(inputs, asked=bool(answer))
    beyond = _OPENS_WITH_BEYOND.match(task.title)
    agreed = answer in (REPORT, SUMMARISE) or _is_named(task, offer.skill)
    if beyond and not agreed and not asks.asks_to_summarise(task.title):
        return _only_part(beyond[1].lower(), offer, asked=bool(answer))
    return offer


def _by_words(task: Task, inputs: Sequence[Artifact], skills: Mapping[str, Skill]) -> Run | None:
    """What the words ask for plainly, if a skill does it."""
    named = [
        skills[name] for name in (LINK_CHECK, CHECKLIST, CALENDAR, CALCULATION) if _names(task, name, skills)
    ]
    if named:
        return Run(named[0], tuple(artifact for artifact in inputs if is_text(artifact)))
    found = _of_files(task, inputs) if inputs else _of_words(task)
    if found is None or found[0] not in skills:
        return None
    return Run(skills[found[0]], found[1])


def _names(task: Task, name: str, skills: Mapping[str, Skill]) -> bool:
    return name in skills and name in task.capabilities


def _of_files(task: Task, inputs: Sequence[Artifact]) -> tuple[str, tuple[Artifact, ...]] | None:
    """A skill and those of the files that it is to be used on."""
    words = asks.words_of(task)
    texts = tuple(filter(is_text, inputs))
    if texts and asks.asks_about_links(words):
        return LINK_CHECK, texts
    if asks.asks_to_summarise(task.title):
        return None
    for kind, fits in (
        ("table", is_table),
        ("table", is_record),
        ("text", is_text),
        ("picture", is_picture),
    ):
        files = tuple(filter(fits, inputs))
        if files and (asks.asks_for_format(task.title, kind) or CONVERSION in task.capabilities):
            return CONVERSION, files
    return None


def _of_words(task: Task) -> tuple[str, tuple[Artifact, ...]] | None:
    """A skill that needs no file."""
    words = asks.words_of(task)
    if asks.holds_address(words):
        if asks.asks_about_links(words):
            return LINK_CHECK, ()
        return (TEXT_SUMMARY, ()) if asks.asks_to_summarise(words) else None
    if asks.asks_for_checklist(task.title):
        return CHECKLIST, ()
    if asks.asks_about_dates(task.title):
        return CALENDAR, ()
    return (CALCULATION, ()) if asks.asks_for_value(task.title) else None


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
    wanted = asks.asks_to_summarise(asks.words_of(task))
    if summary and texts and (wanted or not tables or _is_named(task, summary)):
        return Run(summary, texts)
    if report and tables:
        return Run(report, tables)
    if summary and not tables and len(answer) >= _SHORTEST_ANSWER:
        return Run(summary, text=answer)
    if summary and (wanted or _is_named(task, summary)) and len(task.description) >= _SHORTEST_TEXT:
        return Run(summary, text=task.description)
    return None


def _nothing_fits(inputs: Sequence[Artifact], *, asked: bool) -> Choice:
    if asked:
        return GiveUp(f"No skill fits this task, even after your answer. {_ABLE}.")
    if inputs:
        names = ", ".join(artifact.name for artifact in inputs[:5])
        return Ask(
            f"I do not know what to do with {names}. {_ABLE}. Shall I cancel this? To go on, make a new task "
            "that says one of these, with a .csv, .xlsx, .txt, .md or .html file.",
            (CANCEL,),
        )
    return Ask(
        f"I have no skill for this yet. {_ABLE}. Shall I cancel it? "
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
