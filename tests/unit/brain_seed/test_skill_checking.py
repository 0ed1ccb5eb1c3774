"""What cannot work is found before anything is run, and said so that a model can mend it."""

import pytest

from brain.seed.making.checking import problems_of, signature_of
from tests.unit.brain_seed.readings import ABOUT, NAME, RIGHT, TESTS

GOOD = 'def run(text: str) -> dict:\n    """Doubles."""\n    return {"text": text * 2}\n'


def test_a_good_draft_has_no_problems() -> None:
    assert problems_of(NAME, ABOUT, RIGHT, TESTS) == []


@pytest.mark.parametrize(
    ("tool", "complaint"),
    [
        ("def run(", "scripts/tool.py, line 1: '(' was never closed"),
        ("def walk(): pass", "has no function `run`"),
        ("async def run(): pass", "has no function `run`"),
        ("def run(text: str): return text", "needs a docstring"),
        ("def run(text): return text", "argument `text` of `run` has to be annotated"),
        ("def run(*texts: str): return texts", "must name each argument"),
        (
            GOOD + "import requests",
            "line 4: do without `requests`; there is no network unless `hosts` are named",
        ),
        (GOOD + "import socket", "line 4: do without `socket`"),
        (GOOD + "from subprocess import run as r", "do without `subprocess`"),
        (GOOD + "import pandasaurus", "there is no module `pandasaurus`"),
        (GOOD + "x = eval('1')", "line 4: do without `eval`"),
        (GOOD + "import brain.seed", "it is not part of a tool"),
    ],
)
def test_a_tool_that_cannot_work_is_explained(tool: str, complaint: str) -> None:
    assert any(complaint in problem for problem in problems_of(NAME, ABOUT, tool, TESTS))


@pytest.mark.parametrize(
    ("tests", "complaint"),
    [
        ("from tool import run\ndef test_it(): run('x')", "asserts what `run` returns"),
        ("def test_it(): assert True", "has to import the tool"),
        ("from tool import run", "at least one function `test_…`"),
        ("def test_(", "tests/test_tool.py, line 1"),
    ],
)
def test_tests_that_test_nothing_are_refused(tests: str, complaint: str) -> None:
    assert any(complaint in problem for problem in problems_of(NAME, ABOUT, GOOD, tests))


def test_a_tool_that_names_its_hosts_may_speak_http() -> None:
    assert problems_of(NAME, ABOUT, GOOD + "import httpx", TESTS, ["api.example.org"]) == []
    assert problems_of(NAME, ABOUT, GOOD + "import socket", TESTS, ["api.example.org"])


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "127.0.0.1",
        "::1",
        "*",
        "*.example.org",
        "API.example.org",
        "a.example:80",
        "http://a.b",
        "a..b",
    ],
)
def test_a_host_is_named_whole(host: str) -> None:
    assert any(
        "has to be a whole name" in problem for problem in problems_of(NAME, ABOUT, GOOD, TESTS, [host])
    )


@pytest.mark.parametrize("name", ["Convert", "a_b", "../x", "made/x", "", "x" * 60])
def test_a_name_is_one_that_a_folder_can_have(name: str) -> None:
    assert any("has to be like" in problem for problem in problems_of(name, ABOUT, GOOD, TESTS))


def test_the_arguments_become_a_schema() -> None:
    code = (
        "def run(text: str, numbers: list[float], *, deep: bool = False, most: int | None = None,"
        " rest: dict[str, int] = {}) -> str:\n    'Does.'\n"
    )
    schema = signature_of(code)

    assert schema["required"] == ["text", "numbers"]
    assert schema["properties"]["numbers"] == {"type": "array", "items": {"type": "number"}}
    assert schema["properties"]["most"] == {"anyOf": [{"type": "integer"}, {"type": "null"}]}
    assert schema["properties"]["rest"] == {"type": "object"}
