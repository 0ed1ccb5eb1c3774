"""The points that a task names itself. Pure."""

import re

_MOST, _LONGEST = 200, 200
_ITEM = re.compile(r"^\s*(?:[-*+•]|\d{1,3}[.)]|\[[ x]\])\s*(?:\[[ xX]\]\s*)?")
_OPENING = re.compile(
    r"\b(?:check-?list|packing list|to-?do list|list)\b[^:]*:\s*(.+)$", re.IGNORECASE | re.DOTALL
)
_WITH = re.compile(
    r"\b(?:check-?list|packing list|to-?do list)\b.*?\b(?:with|of|containing)\b\s+(.+)$", re.IGNORECASE
)


def named_points(title: str, description: str) -> list[str]:
    """The points in a list, after a colon or after “with”; empty unless there are at least two."""
    listed = [_ITEM.sub("", line) for line in description.splitlines() if _ITEM.match(line)]
    if len(listed) >= 2:
        return _clean(listed)
    for text in (title, description):
        for pattern in (_OPENING, _WITH):
            found = pattern.search(text)
            points = _clean(_split(found[1])) if found else []
            if len(points) >= 2:
                return points
    plain = [line for line in description.splitlines() if line.strip()]
    return _clean(plain) if len(plain) >= 3 else []


def _split(text: str) -> list[str]:
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > 1:
        return lines
    pieces = re.split(r"\s*[,;]\s*", text.strip(" ."))
    last = re.split(r"\s+(?:and|or|und)\s+", pieces[-1], maxsplit=1) if len(pieces) > 1 else pieces[-1:]
    return [re.sub(r"^(?:and|or|und)\s+", "", piece) for piece in (*pieces[:-1], *last)]


def _clean(points: list[str]) -> list[str]:
    kept = [" ".join(_ITEM.sub("", point).split()).rstrip(".;,")[:_LONGEST] for point in points]
    return list(dict.fromkeys(point[:1].upper() + point[1:] for point in kept if point))[:_MOST]
