"""A run as figures and as text."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from ops.evals.judging import Verdict
from ops.evals.running import Outcome


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What one part of a run came to. Shares are of the judged turns, 0 to 1."""

    part: str
    turns: int
    right_tool: float
    right_arguments: float
    """Right tool and right arguments."""
    right_replies: float
    """The reply had what it had to have, and on a voice channel could be listened to."""
    wrong_actions: float
    """It changed, or set out to change, what nobody asked for."""
    astray: float
    """It looked at something else, and changed nothing."""
    missed: float
    """It asked back, or did not understand."""
    p50_ms: float
    p95_ms: float
    cost_usd: float | None
    """None when nobody knows a price."""


def figures(part: str, outcomes: Sequence[Outcome]) -> Figures:
    """The figures over some outcomes, at least one."""
    count = Counter(one.judged.verdict for one in outcomes)
    total = len(outcomes)
    times = sorted(one.seconds * 1000 for one in outcomes)
    costs = [one.cost_usd for one in outcomes if one.cost_usd is not None]
    return Figures(
        part=part,
        turns=total,
        right_tool=(count[Verdict.RIGHT] + count[Verdict.WRONG_ARGUMENTS]) / total,
        right_arguments=count[Verdict.RIGHT] / total,
        right_replies=sum(not one.unheard for one in outcomes) / total,
        wrong_actions=count[Verdict.WRONG_ACTION] / total,
        astray=count[Verdict.ASTRAY] / total,
        missed=count[Verdict.MISSED] / total,
        p50_ms=_quantile(times, 0.5),
        p95_ms=_quantile(times, 0.95),
        cost_usd=sum(costs) if costs else None,
    )


def by_part(outcomes: Sequence[Outcome]) -> list[Figures]:
    """Figures for each file, for each way of talking, and for everything."""
    files = dict.fromkeys(one.name.partition(":")[0] for one in outcomes)
    parts = [figures(file, [o for o in outcomes if o.name.startswith(f"{file}:")]) for file in files]
    for name, voice in (("typed", False), ("spoken", True)):
        if chosen := [one for one in outcomes if one.voice is voice]:
            parts.append(figures(name, chosen))
    return [*parts, figures("all", outcomes)]


def table(parts: Iterable[Figures]) -> str:
    """The figures, for people."""
    head = (
        "", "turns", "right tool", "+arguments", "replies", "wrong actions", "astray", "missed", "p50 ms",
        "p95 ms", "cost",
    )  # fmt: skip
    rows = [head, *(_row(one) for one in parts)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(head))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if at else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )


def faults(outcomes: Iterable[Outcome]) -> list[str]:
    """One line for each turn that did not go right, the worst first."""
    bad = [one for one in outcomes if one.judged.verdict is not Verdict.RIGHT or one.unheard]
    order = list(Verdict)
    bad.sort(key=lambda one: -order.index(one.judged.verdict))
    return [_fault(one) for one in bad]


def _fault(one: Outcome) -> str:
    why = "; ".join(part for part in (one.judged.why, one.unheard) if part)
    reply = " ".join(one.reply.split())
    kind = one.judged.verdict.value if one.judged.verdict is not Verdict.RIGHT else "reply"
    return f"{kind}: {one.name} “{one.saying.say}”: {why} | {reply[:140]}"


def _row(one: Figures) -> tuple[str, ...]:
    shares = (
        one.right_tool,
        one.right_arguments,
        one.right_replies,
        one.wrong_actions,
        one.astray,
        one.missed,
    )
    cost = "-" if one.cost_usd is None else f"${one.cost_usd:.4f}"
    times = (f"{one.p50_ms:.1f}", f"{one.p95_ms:.1f}")
    return (one.part, str(one.turns), *(f"{share:.1%}" for share in shares), *times, cost)


def _quantile(ordered: Sequence[float], share: float) -> float:
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
