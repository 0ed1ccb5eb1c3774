"""How each provider's models are built. Each function imports what it needs, and opens no connection."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
from pydantic import SecretStr

from brain.models.choosing import OFFLINE, ModelChoice, ModelUnavailableError
from brain.models.connections import KEPT, SharedOpenAI
from brain.settings import ModelSettings

if TYPE_CHECKING:
    from strands.models import Model


@dataclass(frozen=True)
class Provider:
    """How one provider's models are built, and what they need."""

    build: Callable[[str, ModelSettings], "Model"]
    default_model: str = ""
    extra: str = ""
    """The extra of strands-agents that brings its package."""
    key: Callable[[ModelSettings], SecretStr | None] | None = None
    key_name: str = ""
    prices: str = ""
    """What genai-prices calls it; empty: nobody has to be paid, or nobody knows."""


def build(choice: ModelChoice, settings: ModelSettings) -> "Model":
    """The Strands model for a choice, as the provider gives it. Opens no connection.

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


def _secret(key: SecretStr | None) -> str:
    return key.get_secret_value() if key else ""


def _anthropic(model_id: str, settings: ModelSettings) -> "Model":
    from anthropic import DefaultAsyncHttpxClient
    from strands.models.anthropic import AnthropicModel

    args: dict[str, Any] = {
        "api_key": _secret(settings.anthropic_api_key),
        "base_url": settings.anthropic_base_url or None,
        "timeout": settings.model_timeout_s,
        "max_retries": 0,
        "http_client": DefaultAsyncHttpxClient(limits=KEPT),
    }
    return AnthropicModel(client_args=args, model_id=model_id, max_tokens=4096)


def _openai_compatible(model_id: str, base_url: str | None, key: str, timeout_s: float) -> "Model":
    from openai import AsyncOpenAI, DefaultAsyncHttpxClient
    from strands.models.openai import OpenAIModel

    client = AsyncOpenAI(
        api_key=key,
        base_url=base_url or None,
        timeout=timeout_s,
        max_retries=0,  # `steady` tries again
        http_client=DefaultAsyncHttpxClient(limits=KEPT),
    )
    return OpenAIModel(client=SharedOpenAI(client), model_id=model_id)


def _openai_key(settings: ModelSettings) -> SecretStr | None:
    # The client refuses to start without a key, which a server of one's own may not ask for.
    return settings.openai_api_key or (SecretStr("none") if settings.openai_base_url else None)


def _openai(model_id: str, settings: ModelSettings) -> "Model":
    key = _secret(_openai_key(settings))
    return _openai_compatible(model_id, settings.openai_base_url, key, settings.model_timeout_s)


def _openrouter(model_id: str, settings: ModelSettings) -> "Model":
    key = _secret(settings.openrouter_api_key)
    return _openai_compatible(model_id, settings.openrouter_base_url, key, settings.model_timeout_s)


def _groq(model_id: str, settings: ModelSettings) -> "Model":
    key = _secret(settings.groq_api_key)
    return _openai_compatible(model_id, settings.groq_base_url, key, settings.model_timeout_s)


def _gemini(model_id: str, settings: ModelSettings) -> "Model":
    from google.genai import Client
    from google.genai.types import HttpOptions
    from strands.models.gemini import GeminiModel

    http = {
        "timeout": int(settings.model_timeout_s * 1000),
        "base_url": settings.gemini_base_url or None,
        "retry_options": {"attempts": 1},
    }
    # Strands would open a client for each call, and close none.
    client = Client(api_key=_secret(settings.gemini_api_key), http_options=HttpOptions.model_validate(http))
    return GeminiModel(client=client, model_id=model_id)


def _bedrock(model_id: str, settings: ModelSettings) -> "Model":
    from botocore.config import Config  # type: ignore[import-untyped]
    from strands.models.bedrock import BedrockModel

    patience = Config(
        read_timeout=settings.model_timeout_s, connect_timeout=10, retries={"total_max_attempts": 1}
    )
    return BedrockModel(
        api_key=_secret(settings.bedrock_api_key) or None,
        endpoint_url=settings.bedrock_endpoint_url or None,
        boto_client_config=patience,
        model_id=model_id,
    )


def _ollama(model_id: str, settings: ModelSettings) -> "Model":
    from strands.models.ollama import OllamaModel

    # Strands makes a client for each request; 20 ms of that are the certificates.
    args = {"timeout": settings.model_timeout_s, "verify": httpx.create_ssl_context()}
    return OllamaModel(settings.ollama_host, ollama_client_args=args, model_id=model_id)


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
        _anthropic,
        "claude-sonnet-5",
        "anthropic",
        lambda s: s.anthropic_api_key,
        "ANTHROPIC_API_KEY",
        "anthropic",
    ),
    "openai": Provider(
        _openai, "gpt-5.4-mini", "openai", _openai_key, "OPENAI_API_KEY (or OPENAI_BASE_URL)", "openai"
    ),
    "gemini": Provider(
        _gemini,
        "gemini-3.5-flash",
        "gemini",
        lambda s: s.gemini_api_key,
        "GEMINI_API_KEY or GOOGLE_API_KEY",
        "google",
    ),
    "groq": Provider(
        _groq, "openai/gpt-oss-120b", "openai", lambda s: s.groq_api_key, "GROQ_API_KEY", "groq"
    ),
    "openrouter": Provider(
        _openrouter,
        "anthropic/claude-sonnet-5",
        "openai",
        lambda s: s.openrouter_api_key,
        "OPENROUTER_API_KEY",
        "openrouter",
    ),
    "bedrock": Provider(_bedrock, "global.anthropic.claude-sonnet-4-6", "openai", prices="aws"),
    "ollama": Provider(_ollama, "", "ollama"),
    "llamacpp": Provider(_llamacpp, "default"),
    "litellm": Provider(_litellm, "", "litellm"),
    OFFLINE: Provider(_offline),
}
