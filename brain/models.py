"""From `COS_MODEL` to a Strands model.

A provider's package is imported when its model is built, so that an installation carries only the
packages of the models that it uses.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import SecretStr

from brain.settings import ModelSettings

if TYPE_CHECKING:
    from strands.models import Model

OFFLINE = "offline"


class ModelUnavailableError(Exception):
    """The chosen model cannot be built; the message says what to install or set."""


@dataclass(frozen=True)
class ModelChoice:
    """A provider's name and the model's own id, before anything is imported."""

    provider: str
    model_id: str

    def __str__(self) -> str:
        """As `COS_MODEL` spells it."""
        return f"{self.provider}:{self.model_id}" if self.model_id else self.provider


@dataclass(frozen=True)
class Provider:
    """How one provider's models are built, and what they need."""

    build: Callable[[str, ModelSettings], "Model"]
    default_model: str = ""
    extra: str = ""
    """The extra of strands-agents that brings its package."""
    key: Callable[[ModelSettings], SecretStr | None] | None = None
    key_name: str = ""


def choose(settings: ModelSettings) -> ModelChoice:
    """What `COS_MODEL` names, else the first vendor whose key is set, else offline.

    Raises:
        ModelUnavailableError: The provider is unknown, or it has no default and no model is named.
    """
    if not settings.model.strip():
        return _detected(settings)
    name, _, model_id = settings.model.strip().partition(":")
    name = name.strip().lower()
    provider = PROVIDERS.get(name)
    if provider is None:
        known = ", ".join(sorted(PROVIDERS))
        raise ModelUnavailableError(
            f"COS_MODEL names an unknown provider, {name!r}. Write provider:model, with one of: {known}."
        )
    model_id = model_id.strip() or provider.default_model
    if not model_id and name != OFFLINE:
        raise ModelUnavailableError(f"COS_MODEL={name} names no model. Write {name}:<model>.")
    return ModelChoice(name, model_id)


def build(choice: ModelChoice, settings: ModelSettings) -> "Model":
    """The Strands model for a choice. Opens no connection.

    Raises:
        ModelUnavailableError: Its key or its package is missing.
    """
    provider = PROVIDERS[choice.provider]
    if provider.key and provider.key(settings) is None:
        raise ModelUnavailableError(f"COS_MODEL={choice} needs a key: set {provider.key_name}.")
    try:
        return provider.build(choice.model_id, settings)
    except ImportError as missing:
        raise ModelUnavailableError(
            f"COS_MODEL={choice} needs a package that is not installed ({missing.name}). "
            f"Install it: uv pip install 'strands-agents[{provider.extra}]'"
        ) from missing


def _detected(settings: ModelSettings) -> ModelChoice:
    for name, provider in PROVIDERS.items():
        if provider.key is None or provider.key(settings) is None:
            continue
        if name == "openai" and settings.openai_base_url:
            # Nobody can guess which models a server of one's own offers.
            raise ModelUnavailableError("OPENAI_BASE_URL is set, but no model: set COS_MODEL=openai:<model>.")
        return ModelChoice(name, provider.default_model)
    return ModelChoice(OFFLINE, "")


def _secret(key: SecretStr | None) -> str:
    return key.get_secret_value() if key else ""


def _anthropic(model_id: str, settings: ModelSettings) -> "Model":
    from strands.models.anthropic import AnthropicModel

    return AnthropicModel(
        client_args={"api_key": _secret(settings.anthropic_api_key), "timeout": settings.model_timeout_s},
        model_id=model_id,
        max_tokens=4096,
    )


def _openai_compatible(model_id: str, base_url: str | None, key: str, timeout_s: float) -> "Model":
    from strands.models.openai import OpenAIModel

    # Strands opens a client for every request, so nothing is shared between event loops.
    args = {"api_key": key, "base_url": base_url or None, "timeout": timeout_s, "max_retries": 1}
    return OpenAIModel(client_args=args, model_id=model_id)


def _openai_key(settings: ModelSettings) -> SecretStr | None:
    # The client refuses to start without a key, which a server of one's own may not ask for.
    return settings.openai_api_key or (SecretStr("none") if settings.openai_base_url else None)


def _openai(model_id: str, settings: ModelSettings) -> "Model":
    key = _secret(_openai_key(settings))
    return _openai_compatible(model_id, settings.openai_base_url, key, settings.model_timeout_s)


def _openrouter(model_id: str, settings: ModelSettings) -> "Model":
    key = _secret(settings.openrouter_api_key)
    return _openai_compatible(model_id, "https://openrouter.ai/api/v1", key, settings.model_timeout_s)


def _groq(model_id: str, settings: ModelSettings) -> "Model":
    key = _secret(settings.groq_api_key)
    return _openai_compatible(model_id, "https://api.groq.com/openai/v1", key, settings.model_timeout_s)


def _gemini(model_id: str, settings: ModelSettings) -> "Model":
    from strands.models.gemini import GeminiModel

    return GeminiModel(client_args={"api_key": _secret(settings.gemini_api_key)}, model_id=model_id)


def _bedrock(model_id: str, settings: ModelSettings) -> "Model":
    from strands.models.bedrock import BedrockModel

    return BedrockModel(api_key=_secret(settings.bedrock_api_key) or None, model_id=model_id)


def _ollama(model_id: str, settings: ModelSettings) -> "Model":
    from strands.models.ollama import OllamaModel

    return OllamaModel(settings.ollama_host, model_id=model_id)


def _llamacpp(model_id: str, settings: ModelSettings) -> "Model":
    from strands.models.llamacpp import LlamaCppModel

    return LlamaCppModel(
        base_url=settings.llamacpp_base_url, timeout=settings.model_timeout_s, model_id=model_id
    )


def _litellm(model_id: str, settings: ModelSettings) -> "Model":
    from strands.models.litellm import LiteLLMModel

    return LiteLLMModel(client_args={"timeout": settings.model_timeout_s}, model_id=model_id)


def _offline(model_id: str, settings: ModelSettings) -> "Model":
    from brain.offline.model import OfflineModel

    return OfflineModel()


# In the order in which a found key wins.
PROVIDERS: dict[str, Provider] = {
    "anthropic": Provider(
        _anthropic, "claude-sonnet-5", "anthropic", lambda s: s.anthropic_api_key, "ANTHROPIC_API_KEY"
    ),
    "openai": Provider(_openai, "gpt-5.4-mini", "openai", _openai_key, "OPENAI_API_KEY (or OPENAI_BASE_URL)"),
    "gemini": Provider(
        _gemini, "gemini-3.5-flash", "gemini", lambda s: s.gemini_api_key, "GEMINI_API_KEY or GOOGLE_API_KEY"
    ),
    "groq": Provider(_groq, "openai/gpt-oss-120b", "openai", lambda s: s.groq_api_key, "GROQ_API_KEY"),
    "openrouter": Provider(
        _openrouter,
        "anthropic/claude-sonnet-5",
        "openai",
        lambda s: s.openrouter_api_key,
        "OPENROUTER_API_KEY",
    ),
    "bedrock": Provider(_bedrock, "global.anthropic.claude-sonnet-4-6", "openai"),
    "ollama": Provider(_ollama, "", "ollama"),
    "llamacpp": Provider(_llamacpp, "default"),
    "litellm": Provider(_litellm, "", "litellm"),
    OFFLINE: Provider(_offline),
}
