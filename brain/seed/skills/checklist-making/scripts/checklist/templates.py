"""Templates: which there are, and which one a task means."""

import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "templates"


@dataclass(frozen=True)
class Template:
    """A checklist that was written beforehand."""

    title: str
    words: frozenset[str]
    """Any of them in a task speaks for it."""
    body: str

    @property
    def points(self) -> int:
        """How many there are."""
        return self.body.count("- [ ]")


def load_templates(folder: Path = FOLDER) -> list[Template]:
    """All, by title."""
    return sorted((_read(path) for path in folder.glob("*.md")), key=lambda one: one.title)


def choose_template(text: str, templates: list[Template]) -> Template | None:
    """The one whose words the text has most of; None if it has none."""
    lowered = f" {' '.join(re.findall(r'[a-z]+', text.lower()))} "
    scored = [(sum(f" {word} " in lowered for word in one.words), one) for one in templates]
    best = max(scored, key=lambda pair: pair[0], default=None)
    return best[1] if best and best[0] else None


def _read(path: Path) -> Template:
    title, fits, body = path.read_text(encoding="utf-8").split("\n", 2)
    words = fits.removeprefix("Fits:").split(",")
    return Template(title.removeprefix("# ").strip(), frozenset(word.strip() for word in words), body.strip())
