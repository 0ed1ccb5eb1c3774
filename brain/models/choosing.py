"""Which models the settings name, before anything of a vendor is imported."""

from dataclasses import dataclass

from brain.settings import ModelSettings

OFFLINE = "offline"


class ModelUnavailableError(Exception):
    """The chosen model cannot be built; the message says what to install or set."""


@dataclass(frozen=True)
class ModelChoice:
    """A provider's name and the model's own id."""

    provider: str
    model_id: str

    def __str__(self) -> str:
        """As `COS_MODEL` spells it."""
        return f"{self.provider}:{self.model_id}" if self.model_id else self.provider


def choose(settings: ModelSettings) -> ModelChoice:
    """What `COS_MODEL` names, else the first vendor whose key is set, else offline.

    Raises:
        ModelUnavailableError: The provider is unknown, or it has no default and no model is named.
    """
    return named(settings.model, "COS_MODEL") if settings.model.strip() else _detected(settings)


def chain(settings: ModelSettings, *, voice: bool = False) -> tuple[ModelChoice, ...]:
    """The models to try, in order: that of the channel, then those of `COS_MODEL_FALLBACK`.

    Raises:
        ModelUnavailableError: One of them is unknown.
    """
    first = (
        named(settings.voice_model, "COS_MODEL_VOICE") if voice and settings.voice_model else choose(settings)
    )
    rest = [named(name, "COS_MODEL_FALLBACK") for name in settings.fallback_models.split(",") if name.strip()]
    return tuple(dict.fromkeys((first, *rest)))


def named(text: str, setting: str) -> ModelChoice:
    """The choice that a setting spells out.

    Raises:
        ModelUnavailableError: The provider is unknown, or it has no default and no model is named.
    """
    from brain.models.providers import PROVIDERS

    name, _, model_id = text.strip().partition(":")
    name = name.strip().lower()
    provider = PROVIDERS.get(name)
    if provider is None:
        known = ", ".join(sorted(PROVIDERS))
        raise ModelUnavailableError(
            f"{setting} names an unknown provider, {name!r}. Write provider:model, with one of: {known}."
        )
    model_id = model_id.strip() or provider.default_model
    if not model_id and name != OFFLINE:
        raise ModelUnavailableError(f"{setting}={name} names no model. Write {name}:<model>.")
    return ModelChoice(name, model_id)


def _detected(settings: ModelSettings) -> ModelChoice:
    from brain.models.providers import PROVIDERS

    for name, provider in PROVIDERS.items():
        if provider.key is None or provider.key(settings) is None:
            continue
        if name == "openai" and settings.openai_base_url:
            # Nobody can guess which models a server of one's own offers.
            raise ModelUnavailableError("OPENAI_BASE_URL is set, but no model: set COS_MODEL=openai:<model>.")
        return ModelChoice(name, provider.default_model)
    return ModelChoice(OFFLINE, "")
