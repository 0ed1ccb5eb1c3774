"""The look: one type scale, one spacing scale, two quiet palettes, and the style sheet made of them.

Colour has meaning only where something needs the person (`attention`) or went wrong (`bad`); everything
else is ink on paper. tests/unit/ui/test_theme.py holds the contrasts of WCAG 2.2 AA.
"""

import hashlib
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

STATIC = Path(__file__).parent / "static"
SHEETS = (
    "base",
    "marks",
    "frame",
    "pages",
    "work",
    "tasks",
    "task",
    "prose",
    "talk",
    "states",
    "forms",
    "figures",
    "board",
    "call",
    "screens",
)

TYPE_SCALE = {
    "xs": "0.75rem",
    "sm": "0.8125rem",
    "md": "0.9375rem",
    "lg": "1.125rem",
    "xl": "1.5rem",
    "2xl": "2rem",
}
"""Captions, secondary text, body, section titles, page titles, the overview's headline."""

SPACES = {1: "0.25rem", 2: "0.5rem", 3: "0.75rem", 4: "1rem", 5: "1.5rem", 6: "2rem", 7: "3rem", 8: "4rem"}
"""Every margin, padding and gap is one of these."""


@dataclass(frozen=True)
class Palette:
    """Colours by what they are for."""

    paper: str
    """Behind everything."""
    surface: str
    """Cards and fields."""
    sunken: str
    """Hover, code, the person's own messages."""
    line: str
    """Hairlines between things."""
    edge: str
    """Borders of controls: 3:1 against paper and surface."""
    ink: str
    """Text, and the fill of the one main button."""
    quiet: str
    """Secondary text."""
    attention: str
    """Text and marks of what needs the person."""
    attention_fill: str
    """Behind them."""
    attention_line: str
    """Around them."""
    bad: str
    """What failed."""
    bad_fill: str
    """Behind it."""
    good: str
    """The small mark of what is alive."""
    focus: str
    """The ring around what has the keyboard."""


LIGHT = Palette(
    paper="#f8f7f4",
    surface="#ffffff",
    sunken="#efede8",
    line="#e3e0d9",
    edge="#8d8980",
    ink="#1e1d1a",
    quiet="#65615a",
    attention="#8a4b00",
    attention_fill="#fdf6e8",
    attention_line="#e2c48d",
    bad="#a8281e",
    bad_fill="#fbe9e6",
    good="#2f7d4f",
    focus="#2257c5",
)

DARK = Palette(
    paper="#161614",
    surface="#1f1e1c",
    sunken="#2a2926",
    line="#34322e",
    edge="#7b776e",
    ink="#eceae4",
    quiet="#a8a39a",
    attention="#f0b35a",
    attention_fill="#292213",
    attention_line="#6b5222",
    bad="#f2897c",
    bad_fill="#3a1d19",
    good="#6cc08b",
    focus="#8ab0ff",
)


def _colours(palette: Palette) -> str:
    return "".join(f"--{name.replace('_', '-')}:{value};" for name, value in asdict(palette).items())


def tokens() -> str:
    """The scales and palettes as custom properties; `data-theme` on the root overrules the system."""
    scales = "".join(f"--text-{name}:{size};" for name, size in TYPE_SCALE.items())
    scales += "".join(f"--space-{step}:{size};" for step, size in SPACES.items())
    light = f"color-scheme:light;{_colours(LIGHT)}"
    dark = f"color-scheme:dark;{_colours(DARK)}"
    return (
        f":root{{{scales}{light}}}"
        f"@media (prefers-color-scheme:dark){{:root:not([data-theme=light]){{{dark}}}}}"
        f":root[data-theme=dark]{{{dark}}}"
    )


@cache
def stylesheet() -> str:
    """The whole style sheet."""
    sheets = (STATIC / "css" / f"{name}.css" for name in SHEETS)
    return "\n".join([tokens(), *(sheet.read_text(encoding="utf-8") for sheet in sheets)])


@cache
def stylesheet_path() -> str:
    """Where it is served; the name changes with its content, so browsers may keep it for ever."""
    digest = hashlib.sha256(stylesheet().encode()).hexdigest()[:12]
    return f"/static/panel.{digest}.css"
