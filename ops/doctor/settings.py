"""Every variable: understood by the part that reads it, and read by somebody."""

import importlib
import importlib.util
import inspect
import os
import pkgutil
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from pydantic import AliasChoices, ValidationError
from pydantic_settings import BaseSettings
from rapidfuzz import process

from ops.doctor.findings import Finding, Ground, bad, good, hint
from ops.parts import PARTS, environment_of
from ops.settings import explained

AREA = "settings"
_OURS = (
    "COS_",
    "LEDGER_",
    "CHIEF_",
    "SEED_",
    "GATEWAY_",
    "UI_",
    "TELEGRAM_",
    "PHONE_",
    "VOICE_",
    "TWILIO_",
    "LOG_",
)
_PACKAGES = ("brain", "gateway", "ledger", "ops", "ui", "voice")
_CLOSE_ENOUGH = 80
_CLASS = re.compile(r"^class \w+Settings\(", re.MULTILINE)


async def check(ground: Ground) -> list[Finding]:
    """Reads nothing but settings; opens no connection."""
    classes = list(setting_classes())
    faults = list(dict.fromkeys(line for kind in classes for line in _faults(kind, ground)))
    findings = [
        bad(AREA, line.partition(":")[0], line, "Correct it in .env or in the environment.")
        for line in faults
    ]
    findings += _nobody_reads(ground, {name for kind in classes for name in names_of(kind)})
    findings += _dotenv(Path(".env"))
    if not faults:
        findings.insert(
            0, good(AREA, "values", f"all of {len(classes)} groups of settings can be understood")
        )
    return findings


def setting_classes() -> Iterator[type[BaseSettings]]:
    """Every settings class of every part; only their `settings.py` read the environment."""
    for package in map(importlib.import_module, _PACKAGES):
        modules = pkgutil.walk_packages(package.__path__, f"{package.__name__}.", onerror=lambda _: None)
        for found in modules:
            if found.name.endswith(".settings") and _declares(found.name):
                module = importlib.import_module(found.name)
                for _, kind in inspect.getmembers(module, inspect.isclass):
                    if issubclass(kind, BaseSettings) and kind.__module__ == found.name:
                        yield kind


def _declares(module: str) -> bool:
    """Whether it has a settings class: a page called settings is not imported to learn that it has none."""
    spec = importlib.util.find_spec(module)
    return bool(spec and spec.origin and _CLASS.search(Path(spec.origin).read_text(encoding="utf-8")))


def names_of(kind: type[BaseSettings]) -> Iterator[str]:
    """The variables that a class reads."""
    for field_name, field in kind.model_fields.items():
        alias = field.validation_alias or field_name.upper()
        yield from map(str, alias.choices if isinstance(alias, AliasChoices) else [alias])


def _faults(kind: type[BaseSettings], ground: Ground) -> list[str]:
    """What a part would refuse to start with, given what the launcher adds by itself."""
    values = {name: ground.told[name] for name in names_of(kind) if name in ground.told}
    given = {name: value for name, value in _supplied(ground).items() if name in set(names_of(kind))}
    try:
        kind.model_validate({**given, **values, **_by_field(kind, {**given, **values})})
    except ValidationError as error:
        return explained(error).splitlines()
    return []


def _by_field(kind: type[BaseSettings], values: dict[str, str]) -> dict[str, str]:
    """Fields without an alias are validated under their own name, not under the variable's."""
    return {
        name: values[name.upper()]
        for name, field in kind.model_fields.items()
        if field.validation_alias is None and name.upper() in values
    }


def _supplied(ground: Ground) -> dict[str, str]:
    """What `cos up` sets itself, with stand-ins for what it makes."""
    from ops.keys import Keys

    stand_ins = Keys("cos_admin_x", "cos_agent_x", "cos_reader_x", "cos_ui_x")
    supplied: dict[str, str] = {}
    for part in PARTS.values():
        supplied |= environment_of(
            part, {}, ground.settings, stand_ins, dsn="postgresql://stand/in", redis="unix:///stand/in"
        )
    return supplied


def _nobody_reads(ground: Ground, known: set[str]) -> list[Finding]:
    passed = {name for part in PARTS.values() for name in part.passes}
    strange = [
        name for name in ground.told if name.startswith(_OURS) and name not in known and name not in passed
    ]
    return [
        hint(AREA, name, f"{name} is read by nobody", _suggestion(name, known)) for name in sorted(strange)
    ]


def _suggestion(name: str, known: set[str]) -> str:
    close = process.extractOne(name, known, score_cutoff=_CLOSE_ENOUGH)
    return f"Did you mean {close[0]}?" if close else "Remove it; .env.example names every setting."


def _dotenv(file: Path) -> list[Finding]:
    try:
        mode = file.stat().st_mode
    except FileNotFoundError:
        return [good(AREA, ".env", "none here; everything has a default")]
    if os.name == "posix" and mode & (stat.S_IRGRP | stat.S_IROTH):
        return [hint(AREA, ".env", "other users of this machine may read it", "chmod 600 .env")]
    return [good(AREA, ".env", "only you may read it")]
