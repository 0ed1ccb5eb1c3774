"""Which model `COS_MODEL` and the vendors' keys choose."""

import builtins
from typing import Any

import pytest
from pydantic import SecretStr

from brain.models import PROVIDERS, ModelChoice, ModelUnavailableError, build, choose
from brain.offline.model import OfflineModel
from brain.settings import ModelSettings

KEY = SecretStr("key")


def settings(**values: Any) -> ModelSettings:
    return ModelSettings(_env_file=None, **values)  # type: ignore[call-arg]


def test_without_any_key_the_chief_is_offline() -> None:
    choice = choose(settings())
    assert choice == ModelChoice("offline", "")
    assert isinstance(build(choice, settings()), OfflineModel)


@pytest.mark.parametrize(
    ("variable", "provider"),
    [
        ("ANTHROPIC_API_KEY", "anthropic"),
        ("OPENAI_API_KEY", "openai"),
        ("OPENROUTER_API_KEY", "openrouter"),
        ("GROQ_API_KEY", "groq"),
        ("GEMINI_API_KEY", "gemini"),
        ("GOOGLE_API_KEY", "gemini"),
    ],
)
def test_a_key_that_is_found_chooses_its_vendor(
    variable: str, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "key")
    assert choose(settings()) == ModelChoice(provider, PROVIDERS[provider].default_model)


def test_an_empty_variable_is_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "")
    assert choose(settings()).provider == "offline"


def test_cos_model_wins_over_a_key_that_is_found() -> None:
    assert choose(settings(model="offline", openai_api_key=KEY)).provider == "offline"


def test_a_model_id_may_contain_colons() -> None:
    chosen = choose(settings(model="openrouter:meta-llama/llama-4:free", openrouter_api_key=KEY))
    assert chosen == ModelChoice("openrouter", "meta-llama/llama-4:free")


def test_an_unknown_provider_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ModelUnavailableError, match=r"'grok'.*anthropic, bedrock"):
        choose(settings(model="grok:4"))


def test_a_provider_without_a_default_wants_a_model() -> None:
    with pytest.raises(ModelUnavailableError, match="ollama:<model>"):
        choose(settings(model="ollama"))


def test_a_missing_key_is_named() -> None:
    with pytest.raises(ModelUnavailableError, match="ANTHROPIC_API_KEY"):
        build(ModelChoice("anthropic", "claude-sonnet-5"), settings())


def test_a_missing_package_names_the_extra_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real_import = builtins.__import__

    def without_gemini(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "strands.models.gemini":
            raise ModuleNotFoundError("No module named 'google.genai'", name="google.genai")
        return real_import(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without_gemini)
    with pytest.raises(ModelUnavailableError, match=r"google\.genai.*strands-agents\[gemini\]"):
        build(ModelChoice("gemini", "gemini-3.5-flash"), settings(gemini_api_key=KEY))


def test_another_server_needs_a_model_but_no_key() -> None:
    own = settings(openai_base_url="http://127.0.0.1:9/v1")
    with pytest.raises(ModelUnavailableError, match="COS_MODEL=openai:<model>"):
        choose(own)
    assert build(ModelChoice("openai", "qwen3"), own).get_config()["model_id"] == "qwen3"


@pytest.mark.parametrize("provider", ["openai", "openrouter", "groq"])
def test_what_speaks_the_openai_protocol_is_built_without_a_connection(provider: str) -> None:
    keys = settings(openai_api_key=KEY, openrouter_api_key=KEY, groq_api_key=KEY)
    choice = choose(keys.model_copy(update={"model": provider}))
    assert build(choice, keys).get_config()["model_id"] == PROVIDERS[provider].default_model


def test_no_key_shows_in_the_settings_text() -> None:
    assert "s3cret" not in repr(settings(openai_api_key=SecretStr("s3cret")))
