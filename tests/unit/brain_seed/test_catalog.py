"""Skills are Agent Skills folders; what is wrong with one is said."""

from pathlib import Path

import pytest

from brain.seed.catalog import load, preloads, read_skill
from brain.seed.errors import SkillUnusable

GOOD = """---
name: greet
description: Greets.
license: MIT
metadata:
  entry: scripts/greet.py
---
# Greet
"""


def folder(root: Path, text: str, *, name: str = "greet") -> Path:
    made = root / name
    (made / "scripts").mkdir(parents=True)
    (made / "SKILL.md").write_text(text)
    (made / "scripts" / "greet.py").write_text("")
    return made


def test_the_built_in_skills_can_be_read() -> None:
    skills = load()

    assert [skill.name for skill in skills] == [
        "calendar-arithmetic",
        "checklist-making",
        "csv-report",
        "file-conversion",
        "link-check",
        "text-summary",
        "unit-calculation",
    ]
    assert list(preloads(skills)).count("numpy") == 1
    assert all("Use it when" in skill.description for skill in skills)


def test_a_folder_becomes_a_skill(tmp_path: Path) -> None:
    skill = read_skill(folder(tmp_path, GOOD))

    assert (skill.name, skill.description, skill.preload) == ("greet", "Greets.", ())
    assert skill.script == tmp_path / "greet" / "scripts" / "greet.py"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("no frontmatter", "cannot be understood"),
        ("---\nname: greet\n---\n", "description"),
        ("---\n[\n---\n", "cannot be understood"),
        (GOOD.replace("name: greet", "name: other"), "both names must be the same"),
        (GOOD.replace("greet.py", "gone.py"), "has no script scripts/gone.py"),
        (GOOD.replace("scripts/greet.py", "../../etc/passwd"), "has no script"),
    ],
)
def test_a_folder_that_is_no_skill_is_refused_in_words(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(SkillUnusable, match=complaint):
        read_skill(folder(tmp_path, text))
