"""The model that a channel talks with: built from the settings, steady, with its fallbacks behind it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from brain.models.choosing import OFFLINE, chain
from brain.models.providers import build
from brain.settings import ModelSettings

if TYPE_CHECKING:
    from strands.models import Model


@dataclass(frozen=True)
class Mind:
    """A model, and its name as `COS_MODEL` spells it."""

    model: "Model"
    name: str


def mind(
    settings: ModelSettings,
    *,
    voice: bool = False,
    misses: Path | None = None,
    clock: Callable[[], datetime] | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Mind:
    """The model for a channel. Opens no connection.

    Args:
        settings: Which models, with which keys.
        voice: For a channel on which the answer is heard: `COS_MODEL_VOICE`, if it is set.
        misses: Where the offline model keeps what it did not understand.
        clock: The person's local time, for the offline model; None takes the machine's.
        sleep: Waits between two tries.

    Raises:
        ModelUnavailableError: One of the models is unknown, or its key or package is missing.
    """
    from brain.models.steady import Candidate, SteadyModel

    choices = chain(settings, voice=voice)
    candidates = [
        Candidate(
            choice,
            _offline(misses, voice, clock) if choice.provider == OFFLINE else build(choice, settings),
        )
        for choice in choices
    ]
    if choices[0].provider == OFFLINE:
        return Mind(candidates[0].model, OFFLINE)
    steady = SteadyModel(
        candidates,
        tries=settings.model_tries,
        silence_s=settings.model_silence_s,
        secrets=secrets_of(settings),
        sleep=sleep,
    )
    return Mind(steady, str(choices[0]))


def _offline(misses: Path | None, voice: bool, clock: Callable[[], datetime] | None) -> "Model":
    # What it imports weighs more than a worker with another model.
    from brain.offline.model import OfflineModel, local_time

    return OfflineModel(misses=misses, spoken=voice, clock=clock or local_time)


def secrets_of(settings: ModelSettings) -> list[str]:
    """Every key that is set, so that none of them gets into a log."""
    values = (getattr(settings, name) for name in type(settings).model_fields)
    return [value.get_secret_value() for value in values if isinstance(value, SecretStr) and len(value) > 3]
