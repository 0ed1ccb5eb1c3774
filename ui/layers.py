"""Where the tasks of a dependency graph stand: in columns, each behind all that it waits for.

Longest-path layering, then a few sweeps that put each task near its neighbours (the barycentre heuristic of
Sugiyama). Pure, and quick for the few hundred tasks that a page shows.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

SWEEPS = 4
Node = TypeVar("Node", bound=Hashable)


@dataclass(frozen=True)
class Place(Generic[Node]):
    """A node's column and row, both from 0."""

    node: Node
    column: int
    row: int


def arrange(waits_for: Mapping[Node, Sequence[Node]]) -> list[Place[Node]]:
    """Places for all nodes, column by column.

    Args:
        waits_for: for each node, those before it; names outside the keys are left out.
    """
    before = {node: [other for other in others if other in waits_for] for node, others in waits_for.items()}
    columns = _columns(before)
    after: dict[Node, list[Node]] = {node: [] for node in before}
    for node, others in before.items():
        for other in others:
            after[other].append(node)
    layers: list[list[Node]] = [[] for _ in range(max(columns.values(), default=-1) + 1)]
    for node, column in columns.items():
        layers[column].append(node)
    for sweep in range(SWEEPS):
        forwards = sweep % 2 == 0
        _sweep(layers if forwards else layers[::-1], before if forwards else after)
    return [Place(node, column, row) for column, layer in enumerate(layers) for row, node in enumerate(layer)]


def _columns(before: Mapping[Node, Sequence[Node]]) -> dict[Node, int]:
    """The longest way to each node; iterative, so that a long chain needs no deep stack."""
    columns: dict[Node, int] = {}
    for start in before:
        stack = [start]
        under_way: set[Node] = set()
        while stack:
            node = stack[-1]
            missing = [other for other in before[node] if other not in columns and other not in under_way]
            if node in columns or not missing:
                stack.pop()
                columns.setdefault(node, max((columns.get(one, -1) for one in before[node]), default=-1) + 1)
            else:
                under_way.add(node)
                stack += missing
    return columns


def _sweep(layers: Sequence[list[Node]], neighbours: Mapping[Node, Sequence[Node]]) -> None:
    rows: dict[Node, int] = {node: row for layer in layers for row, node in enumerate(layer)}
    for layer in layers:
        weights = {node: _mean([rows[one] for one in neighbours[node]], rows[node]) for node in layer}
        layer.sort(key=weights.__getitem__)
        rows.update((node, row) for row, node in enumerate(layer))


def _mean(rows: Sequence[int], own: int) -> float:
    return sum(rows) / len(rows) if rows else own
