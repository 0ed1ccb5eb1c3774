"""From `job.json` to `result.json`: one summary of one text or of several."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from text_summary.pages import address_in, fetch_page, is_page, read_page
from text_summary.ranking import pick
from text_summary.sentences import split, words
from text_summary.terms import commonest
from text_summary.texts import NoText, decode, paragraphs

_FEWEST, _MOST, _SHARE = 3, 7, 0.2
_MOST_ON_REQUEST = 30
_READING_WORDS_PER_MINUTE = 230
_QUOTE_CHARS = 280
_ASKED = re.compile(
    r"\b(\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten)\s+(?:key\s+)?(?:sentences?|points?|bullets?)\b"
)
_NUMERALS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


@dataclass(frozen=True)
class Text:
    """What the person calls it, and what it says."""

    name: str
    content: str


@dataclass(frozen=True)
class Summary:
    """The sentences that were kept, in the text's order, and the one that says most."""

    name: str
    words: int
    sentences: int
    kept: list[str]
    most_central: str
    terms: list[str]


def run(workspace: Path) -> None:
    """Does the job in `workspace`, and answers there."""
    job = json.loads((workspace / "job.json").read_bytes())
    try:
        texts = [_load(given) for given in job["inputs"]] or [_named_page(job["task"])]
        summaries = [summarise(text, asked_length(job["task"])) for text in texts]
        (workspace / "summary.md").write_text("\n".join(map(_render, summaries)), encoding="utf-8")
        result: dict[str, Any] = {
            "summary": "\n".join(map(_in_brief, summaries)),
            "outputs": [{"name": "summary.md", "path": "summary.md", "media_type": "text/markdown"}],
        }
    except NoText as problem:
        result = {"error": str(problem), "retryable": False}
    (workspace / "result.json").write_text(json.dumps(result))


def asked_length(task: dict[str, str]) -> int | None:
    """How many sentences the task asks for, if it does."""
    found = _ASKED.search(f"{task['title']} {task['description'][:500]}".lower())
    if not found:
        return None
    number = int(found[1]) if found[1].isdigit() else _NUMERALS.index(found[1]) + 1
    return min(max(number, 1), _MOST_ON_REQUEST)


def summarise(text: Text, length: int | None) -> Summary:
    """Picks the sentences that say most.

    Args:
        text: Plain or Markdown.
        length: How many sentences; None for a fifth of the text, three to seven.

    Raises:
        NoText: no word is left once code, tables and headings are taken away.
    """
    sentences = [sentence for paragraph in paragraphs(text.content) for sentence in split(paragraph)]
    by_words = [words(sentence) for sentence in sentences]
    if not any(by_words):
        raise NoText(f"{text.name} holds no sentences to summarise.")
    number = length or min(max(round(len(sentences) * _SHARE), _FEWEST), _MOST)
    picked = pick(by_words, number)
    return Summary(
        name=text.name,
        words=len(" ".join(sentences).split()),
        sentences=len(sentences),
        kept=[sentences[place] for place in sorted(picked)],
        most_central=sentences[picked[0]],
        terms=commonest(by_words, 8),
    )


def _load(given: dict[str, str]) -> Text:
    try:
        content = decode(Path(given["path"]).read_bytes())
        return Text(given["name"], read_page(content, given["name"]).text if is_page(given) else content)
    except NoText as problem:
        raise NoText(f"{given['name']} cannot be summarised. {problem}") from None


def _named_page(task: dict[str, str]) -> Text:
    """The page whose address the task holds."""
    address = address_in(f"{task['title']} {task['description']}")
    if address is None:
        raise NoText("There is no text to summarise: give a file, a text or the address of a page.")
    page = fetch_page(address)
    return Text(page.name, page.text)


def _render(summary: Summary) -> str:
    minutes = max(1, round(summary.words / _READING_WORDS_PER_MINUTE))
    lines = [
        f"# Summary of {_escape(summary.name)}",
        "",
        f"{summary.words:,} words in {_count(summary.sentences, 'sentence')}, {minutes} min to read. "
        + _introduction(summary),
        "",
        *(f"- {_escape(sentence)}" for sentence in summary.kept),
        "",
    ]
    if summary.terms:
        lines += [f"**It comes back to:** {_escape(', '.join(summary.terms))}.", ""]
    return "\n".join(lines)


def _introduction(summary: Summary) -> str:
    if len(summary.kept) == summary.sentences:
        return "It is short enough to give whole:"
    return f"{_count(len(summary.kept), 'sentence')} of it, word for word, in their order:"


def _in_brief(summary: Summary) -> str:
    quote = summary.most_central
    quote = quote if len(quote) <= _QUOTE_CHARS else quote[: _QUOTE_CHARS - 1].rstrip() + "…"
    told = _count(len(summary.kept), "sentence")
    return f"Summarised {summary.name} ({summary.words:,} words) in {told}. Most central: “{quote}”"


def _count(amount: int, noun: str) -> str:
    return f"{amount:,} {noun}" if amount == 1 else f"{amount:,} {noun}s"


def _escape(text: str) -> str:
    """What is in the file is text: nothing in it may become a link or markup."""
    text = text.replace("&", "&amp;").replace("<", "&lt;")
    return "".join(f"\\{char}" if char in "\\`*_[]|#~" else char for char in text)
