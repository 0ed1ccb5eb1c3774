"""Sentences and words in any script, by punctuation alone."""

# The punctuation of many scripts is the point here.
# ruff: noqa: RUF001

import re

_END = re.compile(r"[.!?…؟।۔]+[\"'”’»)\]]*(?=\s)|[。！？｡]+[」』”]*")
_SHORTENED = frozenset(
    (
        *(
            "dr",
            "mr",
            "mrs",
            "ms",
            "prof",
            "sr",
            "jr",
            "st",
            "vs",
            "etc",
            "e.g",
            "i.e",
            "cf",
            "approx",
            "fig",
        ),
        *("inc", "ltd", "co", "corp", "u.s", "u.k", "a.m", "p.m", "no", "vol", "pp", "ed", "dept", "est"),
        *("z.b", "bzw", "ca", "nr", "d.h", "u.a", "usw", "ggf", "evtl", "str", "abs", "mio", "mrd", "vgl"),
        *("m", "mme", "mlle", "p.ex", "sra", "srta", "ud", "uds", "p.ej"),
    )
)
_WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3]")


def split(paragraph: str) -> list[str]:
    """The paragraph's sentences, with their punctuation."""
    found, start = [], 0
    for end in _END.finditer(paragraph):
        if end.group()[0] == "." and _goes_on(
            paragraph[start : end.start()], paragraph[end.end() :].lstrip()
        ):
            continue
        found.append(paragraph[start : end.end()].strip())
        start = end.end()
    found.append(paragraph[start:].strip())
    return [sentence for sentence in found if sentence]


def _goes_on(before: str, after: str) -> bool:
    """True if the full stop belongs to an abbreviation, an initial or an ordinal."""
    last = before.rsplit(None, 1)[-1].lstrip("(\"'“„").lower() if before.strip() else ""
    if last in _SHORTENED or (len(last) == 1 and last.isalpha()):
        return True
    if after[:1].islower():
        return "." in last
    return last.isdigit() and len(last) <= 2 and after[:1].isalpha()


def words(sentence: str) -> list[str]:
    """Lower-case words; pairs of characters where a script sets no spaces."""
    found: list[str] = []
    for word in _WORD.findall(sentence.lower()):
        if _UNSPACED.search(word):
            found += [word[place : place + 2] for place in range(max(1, len(word) - 1))]
        else:
            found.append(word)
    return found
