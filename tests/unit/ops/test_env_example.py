"""`.env.example` names every setting of every part, and nothing else, each with its explanation."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import AliasChoices
from pydantic_settings import BaseSettings

import brain
import gateway
import ledger
import ops
import ui
import voice

EXAMPLE = Path(__file__).resolve().parents[3] / ".env.example"
ASSIGNED = re.compile(r"^# ?([A-Z][A-Z0-9_]+)=")


def settings_modules() -> Iterator[str]:
    """Every `settings.py` of ours."""
    for package in (brain, gateway, ledger, ops, ui, voice):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.", onerror=lambda _: None):
            if module.name.endswith(".settings"):
                yield module.name


def declared() -> set[str]:
    """The names of all environment variables that settings classes read."""
    names: set[str] = set()
    for name in settings_modules():
        for _, kind in inspect.getmembers(importlib.import_module(name), inspect.isclass):
            if issubclass(kind, BaseSettings) and kind is not BaseSettings:
                for field_name, field in kind.model_fields.items():
                    alias = field.validation_alias or field_name.upper()
                    choices = alias.choices if isinstance(alias, AliasChoices) else [alias]
                    names |= {str(choice) for choice in choices}
    return names


def shown() -> set[str]:
    """The names in the example."""
    return {found[1] for line in EXAMPLE.read_text().splitlines() if (found := ASSIGNED.match(line))}


def test_every_setting_is_in_the_example() -> None:
    assert declared() - shown() == set()


def test_the_example_names_nothing_that_nobody_reads() -> None:
    assert shown() - declared() == set()


@pytest.mark.parametrize("name", sorted(shown()))
def test_each_has_a_line_of_explanation_above(name: str) -> None:
    lines = EXAMPLE.read_text().splitlines()
    place = next(number for number, line in enumerate(lines) if re.match(rf"# ?{name}=", line))
    assert re.match(r"# \S", lines[place - 1])
    assert not ASSIGNED.match(lines[place - 1])
