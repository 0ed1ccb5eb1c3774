"""Contrast of both palettes, as WCAG 2.2 asks (1.4.3 text, 1.4.11 controls)."""

import pytest

from ui import theme
from ui.theme import DARK, LIGHT, Palette

PALETTES = pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@PALETTES
@pytest.mark.parametrize("ground", ["paper", "surface", "sunken"])
@pytest.mark.parametrize("text", ["ink", "quiet"])
def test_text_can_be_read_on_every_ground(palette: Palette, ground: str, text: str) -> None:
    assert contrast(getattr(palette, text), getattr(palette, ground)) >= 4.5


@PALETTES
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("attention", "paper"),
        ("attention", "attention_fill"),
        ("ink", "attention_fill"),
        ("bad", "paper"),
        ("bad", "bad_fill"),
        ("paper", "ink"),
        ("paper", "attention"),
    ],
)
def test_meaning_can_be_read(palette: Palette, text: str, ground: str) -> None:
    assert contrast(getattr(palette, text), getattr(palette, ground)) >= 4.5


@PALETTES
@pytest.mark.parametrize("mark", ["edge", "focus", "good"])
@pytest.mark.parametrize("ground", ["paper", "surface"])
def test_controls_and_marks_can_be_seen(palette: Palette, mark: str, ground: str) -> None:
    assert contrast(getattr(palette, mark), getattr(palette, ground)) >= 3


def test_the_style_sheet_uses_only_the_scales() -> None:
    sheet = theme.stylesheet().split("\n", 1)[1]
    used = {part.split(")")[0] for part in sheet.split("var(--text-")[1:]}
    assert used <= set(theme.TYPE_SCALE)
    steps = {int(part.split(")")[0]) for part in sheet.split("var(--space-")[1:]}
    assert steps <= set(theme.SPACES)


def test_every_style_sheet_is_served() -> None:
    assert {path.stem for path in (theme.STATIC / "css").iterdir()} == set(theme.SHEETS)
