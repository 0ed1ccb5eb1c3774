"""Which formats there are, which one a file has and which one a task wants."""

import re
from pathlib import Path


class Unconvertible(Exception):
    """It cannot be done, and the message says why and what could be."""


TABLES = frozenset({"csv", "tsv", "xlsx", "json", "jsonl", "md", "html"})
PICTURES = frozenset({"png", "jpg", "webp", "gif", "bmp", "tiff", "pdf"})
_ENDINGS = {
    "tab": "tsv", "xlsm": "xlsx", "xls": "xlsx", "ods": "xlsx", "markdown": "md", "htm": "html",
    "jpeg": "jpg", "tif": "tiff", "ndjson": "jsonl", "text": "txt",
}  # fmt: skip
_MEDIA = {
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
    "jsonl": "application/x-ndjson",
    "md": "text/markdown",
    "html": "text/html",
    "txt": "text/plain",
    "pdf": "application/pdf",
    "jpg": "image/jpeg",
}
_FROM_TABLE = ("csv", "tsv", "xlsx", "json", "jsonl", "md", "html")
_FROM_PICTURE = ("png", "jpg", "webp", "gif", "bmp", "tiff", "pdf")
POSSIBLE = {
    **dict.fromkeys(("csv", "tsv", "xlsx", "json", "jsonl"), _FROM_TABLE),
    "md": ("html", "txt"),
    "html": ("md", "txt"),
    "txt": ("html", "md"),
    **dict.fromkeys(("png", "jpg", "webp", "gif", "bmp", "tiff"), _FROM_PICTURE),
}
"""From each format to which."""

_WORDS = {
    "excel": "xlsx", "xlsx": "xlsx", "spreadsheet": "xlsx", "workbook": "xlsx", "csv": "csv", "tsv": "tsv",
    "json lines": "jsonl", "jsonl": "jsonl", "ndjson": "jsonl", "json": "json", "markdown": "md", "md": "md",
    "html": "html", "web page": "html", "webpage": "html", "plain text": "txt", "text": "txt", "txt": "txt",
    "png": "png", "jpeg": "jpg", "jpg": "jpg", "webp": "webp", "gif": "gif", "bmp": "bmp", "tiff": "tiff",
    "tif": "tiff", "pdf": "pdf",
}  # fmt: skip
_WANTED = re.compile(
    r"\b(?:to|into|as|in|→)\s+(?:an?\s+|the\s+)?(?:proper\s+|valid\s+)?\.?"
    rf"({'|'.join(sorted(map(re.escape, _WORDS), key=len, reverse=True))})\b",
    re.IGNORECASE,
)


def wanted_format(text: str) -> str | None:
    """The format that words such as “to Excel” name; the last one counts."""
    found = _WANTED.findall(text)
    return _WORDS[found[-1].lower()] if found else None


def format_of(name: str, media_type: str = "") -> str:
    """The format of a file by its name's ending, else by its media type; empty if it has none here."""
    ending = Path(name.lower()).suffix.removeprefix(".")
    ending = _ENDINGS.get(ending, ending)
    if ending in POSSIBLE:
        return ending
    plain = media_type.split(";")[0].strip().lower()
    by_media = {media: name for name, media in _MEDIA.items()} | {f"image/{one}": one for one in PICTURES}
    found = by_media.get(plain, "")
    return found if found in POSSIBLE else ""


def media_type_of(name: str) -> str:
    """Of a format."""
    return _MEDIA.get(name, f"image/{name}")


def check_possible(source: str, target: str, name: str) -> None:
    """Lets pass what can be converted.

    Raises:
        Unconvertible: it cannot, or is in that format already.
    """
    if source not in POSSIBLE:
        raise Unconvertible(f"I cannot read the format of {name}.")
    if source == target:
        raise Unconvertible(f"{name} is in this format already.")
    if target not in POSSIBLE[source]:
        able = ", ".join(one for one in POSSIBLE[source] if one != source)
        raise Unconvertible(f"{name} cannot be turned into {target}. It can become: {able}.")
