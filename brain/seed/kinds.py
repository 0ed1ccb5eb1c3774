"""What kind of file an artifact is. Pure: its name and media type decide, not its content."""

from pathlib import PurePath

from agentops.wire import Artifact

_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TABLE_TYPES = frozenset(
    {"text/csv", "application/csv", "text/tab-separated-values", _EXCEL, "application/vnd.ms-excel"}
)
_TABLE_ENDINGS = frozenset({".csv", ".tsv", ".tab", ".xlsx", ".xlsm", ".xls", ".ods"})
_RECORD_TYPES = frozenset({"application/json", "application/x-ndjson"})
_RECORD_ENDINGS = frozenset({".json", ".jsonl", ".ndjson"})
_TEXT_TYPES = frozenset({"text/plain", "text/markdown", "text/x-markdown", "text/x-rst", "text/html"})
_TEXT_ENDINGS = frozenset({".txt", ".md", ".markdown", ".rst", ".text", ".html", ".htm"})
_PICTURE_TYPES = frozenset({"image/png", "image/jpeg", "image/webp", "image/gif", "image/bmp", "image/tiff"})
_PICTURE_ENDINGS = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff"})
_ALL_ENDINGS = _TABLE_ENDINGS | _RECORD_ENDINGS | _TEXT_ENDINGS | _PICTURE_ENDINGS


def is_table(artifact: Artifact) -> bool:
    """By the name's ending, else by the media type."""
    return _looks_like(artifact, _TABLE_ENDINGS, _TABLE_TYPES)


def is_text(artifact: Artifact) -> bool:
    """By the name's ending, else by the media type; a table is none."""
    return not is_table(artifact) and _looks_like(artifact, _TEXT_ENDINGS, _TEXT_TYPES)


def is_record(artifact: Artifact) -> bool:
    """JSON, which may hold a table."""
    return _looks_like(artifact, _RECORD_ENDINGS, _RECORD_TYPES)


def is_picture(artifact: Artifact) -> bool:
    """By the name's ending, else by the media type."""
    return _looks_like(artifact, _PICTURE_ENDINGS, _PICTURE_TYPES)


def _looks_like(artifact: Artifact, endings: frozenset[str], types: frozenset[str]) -> bool:
    ending = PurePath(artifact.name.lower()).suffix
    if ending in _ALL_ENDINGS:
        return ending in endings
    return artifact.media_type.split(";")[0].strip().lower() in types
