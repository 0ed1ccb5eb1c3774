"""Codes and spelled names, letter by letter: read as words they come out as "Obb twelve, Cd". Pure."""

import re

_LETTERS = re.compile(r"(?<![\w-])(?=[\d-]*[A-Z])[A-Z\d](?:-[A-Z\d]){2,}(?![\w-])")
"""How a model spells: S-M-I-T-H."""
_CAPITALS = re.compile(r"(?<![\w.-])(?=[A-Z\d-]{4})[A-Z\d]+(?:-[A-Z\d]+)*(?![\w-]|:\d)")
_DIGITS = re.compile(r"(\b(?:code|reference|confirmation)\b[^.\d]{0,12})(\d{4,10})\b", re.IGNORECASE)
_NO_CODE = re.compile(r"\d+[A-Z]{0,2}|[A-Z]{1,2}\d|[A-Z]\d{1,2}")
"""Numbers with their units, times, ordinals; what is short, such as F16."""
_VOWEL = re.compile(r"[AEIOUY]")
_LONGEST_ABBREVIATION = 4
"""Capitals without a vowel that one reads letter by letter anyway, such as HTML."""


def spelled(text: str) -> str:
    """The text with its codes one sign at a time, and each of them heard."""
    text = _LETTERS.sub(lambda match: _one_by_one(match[0]), text)
    text = _CAPITALS.sub(lambda match: _by_its_kind(match[0]), text)
    return _DIGITS.sub(lambda match: match[1] + _one_by_one(match[2]), text)


def _one_by_one(code: str) -> str:
    # The engine joins letters that follow each other without a pause.
    return ", ".join(sign for sign in code if sign.isalnum())


def _by_its_kind(token: str) -> str:
    """A booking code by its signs; WEB-123, COVID-19 and 10AM as they are read."""
    return _one_by_one(token) if any(_is_code(part) for part in token.split("-")) else token


def _is_code(part: str) -> bool:
    if part.isalpha():
        return len(part) > _LONGEST_ABBREVIATION and not _VOWEL.search(part)
    return _NO_CODE.fullmatch(part) is None
