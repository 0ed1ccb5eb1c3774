"""What a check says."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from ops.runstate import RunState
from ops.settings import OpsSettings


class Verdict(StrEnum):
    """`BAD` makes `cos doctor` fail; `HINT` says what could be better; `OFF` is not in use."""

    GOOD = "good"
    HINT = "hint"
    BAD = "bad"
    OFF = "off"


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at."""

    area: str
    name: str
    verdict: Verdict
    said: str
    """How it is. Never holds a secret."""
    advice: str = ""
    """What to do, when it is not good."""


@dataclass(frozen=True)
class Ground:
    """What the checks look at."""

    settings: OpsSettings
    told: Mapping[str, str]
    """Environment above `.env`."""
    state: RunState | None
    """What runs over this COS_HOME."""
    ask_model: bool = False
    """Whether a paid call to the model may be made."""


def good(area: str, name: str, said: str) -> Finding:
    """All is well."""
    return Finding(area, name, Verdict.GOOD, said)


def hint(area: str, name: str, said: str, advice: str) -> Finding:
    """It works, and could be better."""
    return Finding(area, name, Verdict.HINT, said, advice)


def bad(area: str, name: str, said: str, advice: str) -> Finding:
    """It does not work."""
    return Finding(area, name, Verdict.BAD, said, advice)


def off(area: str, name: str, said: str) -> Finding:
    """It is not in use."""
    return Finding(area, name, Verdict.OFF, said)
