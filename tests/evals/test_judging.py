"""What counts as right, wrong and missed; and what a bad file is told."""

from pathlib import Path
from typing import Any

import pytest

from ops.evals.conversations import EvalFileError, Expected, Saying, read_conversations
from ops.evals.judging import Verdict, judge, same
from ops.evals.overhearing import Called

DEFAULTS: dict[str, dict[str, Any]] = {
    "create_task": {"priority": "medium", "due": None},
    "schedules": {"action": "list"},
}


def verdict(saying: Saying, *calls: Called) -> Verdict:
    return judge(saying, calls, DEFAULTS).verdict


def expects(tool: str | list[str], **arguments: Any) -> Saying:
    return Saying("…", tool=tool, arguments=arguments)


BUY_MILK = expects("create_task", title="Buy milk")
BOTH = Saying("…", calls=[Expected("remember"), Expected("remind")])
PROJECT = Called("create_project", {"name": "Home"})


@pytest.mark.parametrize(
    ("saying", "calls", "found"),
    [
        (expects("none"), [], Verdict.RIGHT),
        (expects("none"), [Called("query_tasks", {})], Verdict.ASTRAY),
        (expects("none"), [Called("create_task", {"title": "x"})], Verdict.WRONG_ACTION),
        (expects("create_task"), [], Verdict.MISSED),
        (expects("get_result"), [Called("find_task", {"words": "x"})], Verdict.MISSED),
        (expects("get_result"), [Called("brief", {})], Verdict.ASTRAY),
        (expects("cancel_task", number=6), [Called("cancel_task", {"number": 6})], Verdict.RIGHT),
        (expects("cancel_task", number=6), [Called("cancel_task", {"number": 7})], Verdict.WRONG_ACTION),
        (expects("cancel_task"), [Called("retry_task", {"number": 7})], Verdict.WRONG_ACTION),
        (BUY_MILK, [Called("create_task", {"title": "buy milk.", "priority": "medium"})], Verdict.RIGHT),
        (BUY_MILK, [Called("create_task", {"title": "Buy milk", "due": "today"})], Verdict.WRONG_ARGUMENTS),
        (BUY_MILK, [PROJECT, Called("create_task", {"title": "Buy milk"})], Verdict.RIGHT),
        (expects("cancel_task"), [Called("update_task", {"number": 3, "action": "cancel"})], Verdict.RIGHT),
        (expects("none"), [Called("schedules", {})], Verdict.ASTRAY),
        (expects("none"), [Called("schedules", {"action": "delete"})], Verdict.WRONG_ACTION),
        (BOTH, [Called("remember", {})], Verdict.MISSED),
    ],
)  # fmt: skip
def test_a_turn_is_judged_by_what_was_called(saying: Saying, calls: list[Called], found: Verdict) -> None:
    assert verdict(saying, *calls) is found


@pytest.mark.parametrize(
    ("wanted", "given", "equal"),
    [
        ("2026-11-27", "2026-11-27T23:59:00+01:00", True),
        ("2026-11-27", "2026-11-28", False),
        ("2026-11-26T17:00", "2026-11-26T17:00:00+01:00", True),
        ("Call the plumber", "call the plumber!", True),
        ("Call the plumber", "Sell the house", False),
        ("high", "low", False),
        ("~high|critical", "critical", True),
        ("any", "something", True),
        ("any", "", False),
        (10, 10.0, True),
        (["b", "a"], ["a", "b"], True),
    ],
)
def test_values_are_compared_by_what_they_mean(wanted: object, given: object, equal: bool) -> None:
    assert same(wanted, given) is equal


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("conversations: [", "is not YAML"),
        ("world: {now: 2026-11-25T09:00:00+01:00}\nconversations: [{sya: hello}]", "sya"),
        ("world: nowhere.yaml\nconversations: []", "nowhere.yaml cannot be read"),
        ("world: {now: 2026-11-25T09:00:00+01:00}\nconversations: [{tool: none}]", "either `say` or `talk`"),
    ],
)
def test_a_bad_file_is_told_what_is_wrong(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(text)
    with pytest.raises(EvalFileError, match=told):
        read_conversations(file)
