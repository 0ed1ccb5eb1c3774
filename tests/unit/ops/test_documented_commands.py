"""What the documents tell people to type exists, with these options; what they cite is there."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main

from ops.cli import app

ROOT = Path(__file__).resolve().parents[3]
DOCS = [
    ROOT / "README.md",
    *(ROOT / "docs" / name for name in ("USER_GUIDE.md", "DEPLOYMENT.md", "SECURITY.md", "scaling.md")),
    *sorted((ROOT / "docs" / "runbooks").glob("*.md")),
]
EXAMPLE = (ROOT / ".env.example").read_text()
_INLINE = re.compile(r"`((?:\S*/)?cos [^`]+)`")
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_VARIABLE = re.compile(r"`([A-Z][A-Z0-9]*_[A-Z0-9_]+)(?:=[^`]*)?`")
_PATH = re.compile(r"`((?:ops|docs|ledger|tests|gateway|brain)/[\w./-]+)`|\]\((?!https?:|#)([^)#]+)")


def commands(text: str) -> Iterator[list[str]]:
    """Every `cos …`, in a sentence or in a block of lines."""
    shell = [block for language, block in _BLOCK.findall(text) if language in {"", "sh"}]
    blocks = [line for block in shell for line in block.replace("\\\n", " ").splitlines()]
    typed = [re.sub(r"^\$ ", "", line.strip()) for line in blocks]
    sentences = [" ".join(found.split()) for found in _INLINE.findall(_BLOCK.sub("", text))]
    for line in [*sentences, *(line for line in typed if "cos " in line)]:
        words = shlex.split(line, comments=True)
        while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
            words = words[1:]
        if words and Path(words[0]).name == "cos":
            yield words[1:]


@pytest.mark.parametrize("document", DOCS, ids=lambda path: path.name)
def test_every_command_is_one_that_exists(document: Path) -> None:
    for words in commands(document.read_text(encoding="utf-8")):
        command = typer.main.get_command(app)
        rest = list(words)
        while rest and (found := getattr(command, "commands", {}).get(rest[0])):
            command, rest = found, rest[1:]
        group = getattr(command, "commands", None)
        assert not group or not rest or rest[0].startswith("-"), f"there is no `cos {' '.join(words)}`"
        known = {
            option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)
        }
        options = {word.partition("=")[0] for word in rest if word.startswith("-") and word != "-"}
        assert options <= known | {"--help"}, f"`cos {' '.join(words)}` has no {options - known}"


@pytest.mark.parametrize("document", DOCS[1:], ids=lambda path: path.name)
def test_every_variable_and_every_path_is_there(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for name in _VARIABLE.findall(text):
        assert re.search(rf"^# ?{name}=", EXAMPLE, re.MULTILINE), f"{name} is in no .env.example"
    for inside, linked in _PATH.findall(text):
        path = ROOT / inside if inside else document.parent / linked
        assert path.exists(), f"{document.name} names {inside or linked}"


def test_a_command_that_does_not_exist_would_be_noticed() -> None:
    assert list(commands("Type `cos fly --high` or\n```sh\nA=1 cos task\n```\n")) == [
        ["fly", "--high"],
        ["task"],
    ]
