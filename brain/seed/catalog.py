"""Which skills there are: the Agent Skills folders, read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import yaml

from brain.seed.errors import SkillUnusable

BUILT_IN = Path(__file__).parent / "skills"


@dataclass(frozen=True)
class Skill:
    """One folder."""

    name: str
    description: str
    script: Path
    """What is run, absolute."""
    preload: tuple[str, ...] = ()
    """Modules that take long to import; a waiting child process has them ready."""


class _Metadata(msgspec.Struct, frozen=True):
    entry: str
    preload: str = ""


class _Frontmatter(msgspec.Struct, frozen=True):
    """The fields of the Agent Skills format that matter here; others are allowed."""

    name: str
    description: str
    metadata: _Metadata


def load(root: Path = BUILT_IN) -> list[Skill]:
    """The skills in the folders of `root`, by name.

    Raises:
        SkillUnusable: a folder's SKILL.md cannot be understood.
    """
    return [read_skill(file.parent) for file in sorted(root.glob("*/SKILL.md"))]


def read_skill(folder: Path) -> Skill:
    """The skill in one folder.

    Raises:
        SkillUnusable: its SKILL.md cannot be understood, or names a script that is not there.
    """
    try:
        _, frontmatter, _ = (folder / "SKILL.md").read_text(encoding="utf-8").split("---\n", 2)
        head = msgspec.convert(yaml.safe_load(frontmatter), _Frontmatter)
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise SkillUnusable(f"{folder.name}/SKILL.md cannot be understood: {error}") from error
    if head.name != folder.name:
        raise SkillUnusable(f"{folder.name}/SKILL.md is about {head.name}; both names must be the same")
    script = (folder / head.metadata.entry).resolve()
    if not script.is_relative_to(folder.resolve()) or not script.is_file():
        raise SkillUnusable(f"{folder.name} has no script {head.metadata.entry}")
    return Skill(head.name, head.description, script, tuple(head.metadata.preload.split()))


def preloads(skills: Sequence[Skill]) -> Iterator[str]:
    """The modules that any of the skills wants ready, each once."""
    yield from dict.fromkeys(module for skill in skills for module in skill.preload)
