"""The model under test, from its name."""

from collections.abc import Callable
from datetime import datetime

from strands.models import Model

from brain.chief.prompting import prompt_file
from brain.models import OFFLINE, ModelUnavailableError, choose, mind, price_usd
from brain.offline.model import OfflineModel
from brain.settings import ModelSettings
from ops.errors import OpsError
from ops.evals.running import Contender


class NoSuchModel(OpsError):
    """The model under test cannot be had; the message says what to do."""


def contender(name: str | None, *, turn_timeout_s: float = 120.0) -> Contender:
    """Who is tested: `provider:model`, or what the settings choose. A named one has no fallbacks behind it.

    Raises:
        NoSuchModel: It is unknown, or its key or its package is missing.
    """
    settings = ModelSettings()  # type: ignore[call-arg]
    if name is not None:
        settings = settings.model_copy(update={"model": name, "fallback_models": ""})
    try:
        choice = choose(settings)
        chosen = None if choice.provider == OFFLINE else mind(settings).model
    except ModelUnavailableError as error:
        raise NoSuchModel(str(error)) from error

    def make(clock: Callable[[], datetime], spoken: bool) -> Model:
        return chosen or OfflineModel(clock=clock, introduces_itself=False, spoken=spoken)

    return Contender(
        name=str(choice),
        make=make,
        commands=lambda clock: OfflineModel(clock=clock, introduces_itself=False),
        prompt=prompt_file("text"),
        voice_prompt=prompt_file("voice"),
        price=lambda tokens_in, tokens_out: price_usd(choice, tokens_in, tokens_out),
        turn_timeout_s=turn_timeout_s,
    )
