"""A checklist comes from the points that are named, else from the template that fits."""

from pathlib import Path

import pytest
from checklist.job import make
from checklist.templates import load_templates


@pytest.mark.parametrize(
    ("title", "description", "points"),
    [
        ("Checklist: passport, tickets, and charger", "", ["Passport", "Tickets", "Charger"]),
        ("Create a to-do list with call Ann, pay rent and rest", "", ["Call Ann", "Pay rent", "Rest"]),
        ("Make a checklist", "- eggs\n- [ ] milk\n3. bread", ["Eggs", "Milk", "Bread"]),
        ("Make a shopping list: eggs; <b>milk</b>", "", ["Eggs", "&lt;b>milk&lt;/b>"]),
    ],
)
def test_named_points_are_taken(tmp_path: Path, title: str, description: str, points: list[str]) -> None:
    result = make(tmp_path, title, description)
    listed = [line for line in (tmp_path / "checklist.md").read_text().splitlines() if line.startswith("- ")]

    assert listed == [f"- [ ] {point}" for point in points]
    assert result["summary"] == f"A checklist of {len(points)} points, from the points that you named."
    assert result["outputs"][0]["path"] == "checklist.md"


@pytest.mark.parametrize(
    ("title", "template"),
    [
        ("Make a checklist for moving house", "Moving house"),
        ("Packing list for our holiday", "Trip"),
        ("Checklist for the product launch in May", "Product launch"),
        ("Onboarding checklist for a new colleague", "New colleague"),
    ],
)
def test_words_choose_the_template(tmp_path: Path, title: str, template: str) -> None:
    assert "from a template" in make(tmp_path, title, "")["summary"]
    assert (tmp_path / "checklist.md").read_text().startswith(f"# {template}\n")


def test_without_points_and_template_it_says_what_there_is(tmp_path: Path) -> None:
    error = make(tmp_path, "Checklist for flying to the moon", "")["error"]

    assert "Moving house" in error
    assert not (tmp_path / "checklist.md").exists()


def test_every_template_has_words_and_points() -> None:
    templates = load_templates()

    assert len(templates) >= 9
    assert all(one.points >= 8 and len(one.words) >= 4 for one in templates)
