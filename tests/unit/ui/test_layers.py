"""Where the tasks of a dependency graph stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.layers import Place, arrange


def columns(waits_for: dict[str, list[str]]) -> dict[str, int]:
    return {place.node: place.column for place in arrange(waits_for)}


def test_what_waits_stands_behind_all_that_it_waits_for() -> None:
    found = columns({"d": ["b", "c"], "c": ["a"], "b": [], "a": []})
    assert found == {"a": 0, "b": 0, "c": 1, "d": 2}


def test_nothing_has_no_places() -> None:
    assert arrange({}) == []


def test_what_is_not_shown_is_not_waited_for() -> None:
    assert columns({"a": ["gone"]}) == {"a": 0}


def test_neighbours_stand_side_by_side() -> None:
    places = {place.node: place for place in arrange({"a": [], "b": [], "x": ["b"], "y": ["a"]})}
    assert places["y"].row == places["a"].row
    assert places["x"].row == places["b"].row


def test_a_circle_ends() -> None:
    assert {place.node for place in arrange({"a": ["b"], "b": ["a"]})} == {"a", "b"}


def test_a_chain_longer_than_the_stack_is_laid_out() -> None:
    chain = {n: [n - 1] if n else [] for n in range(5_000)}
    assert arrange(chain)[-1] == Place(4_999, 4_999, 0)


@given(st.dictionaries(st.integers(0, 15), st.lists(st.integers(0, 15), max_size=4)))
def test_no_two_tasks_stand_at_one_place(graph: dict[int, list[int]]) -> None:
    downwards = {node: [other for other in others if other < node] for node, others in graph.items()}
    places = arrange(downwards)
    assert len({(place.column, place.row) for place in places}) == len(graph) == len(places)
    column = {place.node: place.column for place in places}
    assert all(
        column[other] < column[node] for node in column for other in downwards[node] if other in column
    )


@pytest.mark.parametrize("size", [1, 2, 60])
def test_rows_of_a_column_have_no_holes(size: int) -> None:
    places = arrange({n: [] for n in range(size)})
    assert sorted(place.row for place in places) == list(range(size))
