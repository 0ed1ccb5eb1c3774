"""A run as text: figures beside each other, ratios beside goals."""

from collections.abc import Sequence

from ops.bench.contender import BATCHES, CONCURRENCY
from ops.bench.fanout import FanOut
from ops.bench.ledger import Report
from ops.bench.measuring import Figures

_MAX_CHANGE = 0.2
_SIZES = " or ".join(map(str, BATCHES)) + ", the best of each"


def told(report: Report) -> str:
    """The whole run, for people."""
    server = ", ".join(f"{name} {value}" for name, value in report.server.items())
    parts = [
        f"One PostgreSQL ({server}); {CONCURRENCY} at once; batches of {_SIZES}. Compare ratios, not runs.",
        _table(report.figures),
        "\n".join(_includes(one) for one in report.figures),
        "\n".join(_goals(report)),
        _fanned("Fan-out", report.fan_out),
    ]
    if report.full is not None and report.full_fan_out is not None:
        parts += [_full(report), _fanned(f"Fan-out with {report.full_rows:,} tasks", report.full_fan_out)]
    return "\n\n".join(part for part in parts if part)


def _table(figures: Sequence[Figures]) -> str:
    head = ("", "creates/s", "claim+complete/s", "batched/s", "pickup p50 ms", "pickup p99 ms")
    rows = [head, *(_row(one) for one in figures)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(head))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if place else cell.ljust(width) for place, (cell, width) in _cells(row, widths)
        )
        for row in rows
    )


def _cells(row: Sequence[str], widths: Sequence[int]) -> list[tuple[int, tuple[str, int]]]:
    return list(enumerate(zip(row, widths, strict=True)))


def _row(one: Figures) -> tuple[str, ...]:
    batched = "-" if one.batched_per_s is None else f"{one.batched_per_s:,.0f} by {one.batch}"
    return (
        one.name,
        f"{one.creates_per_s:,.0f}",
        f"{one.work_per_s:,.0f}",
        batched,
        f"{one.pickup_p50_ms:.1f}",
        f"{one.pickup_p99_ms:.1f}",
    )


def _includes(one: Figures) -> str:
    warning = "" if one.durable else " NOT durable in PostgreSQL."
    return f"{one.name}: {one.includes}.{warning}"


def _goals(report: Report) -> list[str]:
    by_name = {one.name: one for one in report.figures}
    ours, procrastinate, pgqueuer = (by_name.get(name) for name in ("ledger", "procrastinate", "pgqueuer"))
    if ours is None or procrastinate is None or pgqueuer is None:
        return []
    pairs = [
        ("creates", ours.creates_per_s, procrastinate, procrastinate.creates_per_s, 1.0),
        ("claim+complete one by one", ours.work_per_s, procrastinate, procrastinate.work_per_s, 2.0),
        ("claim+complete batched", ours.batched_per_s or 0, pgqueuer, pgqueuer.batched_per_s or 1, 1.0),
    ]
    lines = [
        f"{_mark(mine / theirs >= goal)} {what}: {mine / theirs:.2f}x {peer.name}'s (goal {goal:.1f}x)"
        for what, mine, peer, theirs, goal in pairs
    ]
    p99, peer_p99 = ours.pickup_p99_ms, procrastinate.pickup_p99_ms
    return [
        *lines,
        f"{_mark(p99 <= 25)} pickup p99: {p99:.1f} ms (goal 25 ms on a quiet machine)",
        f"{_mark(p99 < peer_p99)} pickup p99 below procrastinate's {peer_p99:.1f} ms",
    ]


def _mark(good: bool) -> str:
    return "ok  " if good else "MISS"


def _fanned(title: str, found: FanOut) -> str:
    whole = found.lost == found.repeated == found.out_of_order == 0
    return (
        f"{_mark(whole and found.p99_ms <= 250)} {title}: {found.sockets:,} sockets, "
        f"{found.events_per_s:.0f} events/s, {found.deliveries:,} deliveries: "
        f"{found.lost} lost, {found.repeated} repeated, "
        f"{found.out_of_order} listeners out of order; p50 {found.p50_ms:.0f} ms, p99 {found.p99_ms:.0f} ms "
        f"(goal 250 ms); {found.cpu_share:.0%} of a core"
    )


def _full(report: Report) -> str:
    before, after = report.figures[0], report.full
    if after is None:
        return ""
    pairs = [
        ("creates", after.creates_per_s, before.creates_per_s),
        ("claim+complete", after.work_per_s, before.work_per_s),
        ("batched", after.batched_per_s or 0, before.batched_per_s or 1),
        ("pickups at p50", before.pickup_p50_ms, after.pickup_p50_ms),
    ]
    lines = [f"A ledger with {report.full_rows:,} tasks, in the same rounds:"]
    lines += [
        f"{_mark(new / old >= 1 - _MAX_CHANGE)} {what}: {new / old:.2f}x of an empty one"
        for what, new, old in pairs
    ]
    return "\n".join(lines)
