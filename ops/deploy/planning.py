"""What has to be done so that what runs becomes what ought to run. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ops.deploy.wanted import Wanted

_FINGERPRINT = "settings-"


@dataclass(frozen=True)
class Found:
    """One container as it is."""

    id: str
    part: str
    image: str
    address: str
    environment: Mapping[str, str]
    secrets: frozenset[str]
    """Their names: the place never tells their values."""
    least: int
    most: int
    memory_mb: int
    mvcpu: int
    tags: tuple[str, ...]

    @property
    def fingerprint(self) -> str:
        """Of the settings that it was given; empty for a container that somebody else made."""
        return next((tag.removeprefix(_FINGERPRINT) for tag in self.tags if tag.startswith(_FINGERPRINT)), "")


@dataclass(frozen=True)
class Step:
    """What to do with one part."""

    do: Literal["create", "update", "keep"]
    wanted: Wanted
    found: Found | None
    because: tuple[str, ...]
    """For people; names variables, never values of secrets."""


def tags_of(wanted: Wanted) -> list[str]:
    """What a container is marked with, so that the next plan knows what it was told."""
    return ["chief-of-staff", f"{_FINGERPRINT}{wanted.fingerprint}"]


def step(wanted: Wanted, found: Found | None) -> Step:
    """One part's."""
    if found is None:
        return Step("create", wanted, None, (f"{_release(wanted.image)}, not there yet",))
    because = tuple(_differences(wanted, found))
    return Step("update" if because else "keep", wanted, found, because)


def _differences(wanted: Wanted, found: Found) -> list[str]:
    size = wanted.size
    said = []
    if wanted.image != found.image:
        said.append(f"{_release(found.image)} → {_release(wanted.image)}")
    for name, now, then in (
        ("at least", found.least, size.least),
        ("at most", found.most, size.most),
        ("MB", found.memory_mb, size.memory_mb),
        ("mvCPU", found.mvcpu, size.mvcpu),
    ):
        if now != then:
            said.append(f"{name} {now} → {then}")
    if wanted.fingerprint != found.fingerprint:
        said.append(_settings(wanted, found))
    return said


def _settings(wanted: Wanted, found: Found) -> str:
    names = sorted(
        {name for name, value in wanted.environment.items() if found.environment.get(name) != value}
        | (set(found.environment) - set(wanted.environment))
        | (set(wanted.secrets) ^ found.secrets)
    )
    return f"settings: {', '.join(names)}" if names else "settings: a secret's value"


def _release(image: str) -> str:
    return image.rpartition(":")[2]
