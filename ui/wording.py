"""Numbers and states in words."""

from agentops.wire import Stats
from ui import strings

_UNITS = ("B", "kB", "MB", "GB")


def size(n_bytes: int) -> str:
    """`1.2 MB`."""
    value = float(n_bytes)
    step = 0
    while value >= 1000 and step < len(_UNITS) - 1:
        value /= 1000
        step += 1
    digits = 0 if step == 0 or value >= 10 else 1
    return f"{value:.{digits}f} {_UNITS[step]}"


def sentence(text: str) -> str:
    """A detail of an error as a sentence of its own."""
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def summary(stats: Stats) -> str:
    """The line below the overview's headline: what there is, without zeros."""
    counts = [
        (stats.tasks.get("in_progress", 0), "running", "running"),
        (stats.tasks.get("pending", 0), "waiting", "waiting"),
        (stats.agents_online, "agent online", "agents online"),
    ]
    return " · ".join(strings.plural(n, one, many) for n, one, many in counts if n)


def said_result(result: dict[str, object] | None) -> str:
    """The summary of a task's result, as its worker put it."""
    text = (result or {}).get("summary")
    return text if isinstance(text, str) else ""


def money(millionths: int) -> str:
    """`$1.24`; a trace of it is `< $0.01`."""
    if 0 < millionths < 10_000:
        return "< $0.01"
    return f"${millionths / 1_000_000:,.2f}"


def amount(n: int) -> str:
    """A count that fits beside others: `940`, `12.4 k`, `3.1 M`."""
    for size_of_unit, unit in ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")):
        if n >= size_of_unit:
            value = n / size_of_unit
            return f"{value:.0f} {unit}" if value >= 100 else f"{value:.1f} {unit}"
    return f"{n}"


def talk_time(seconds: int) -> str:
    """`12 min`, and seconds below two minutes."""
    return f"{seconds} s" if seconds < 120 else f"{seconds / 60:,.0f} min"
