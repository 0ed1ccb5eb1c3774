"""Which model thinks, and the keys of those who sell them."""

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class ModelSettings(BaseSettings):
    """One setting chooses the model; the keys bear the names that their vendors gave them."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", env_file=".env", env_ignore_empty=True, populate_by_name=True
    )

    model: str = Field("", validation_alias="COS_MODEL")
    """`provider:model`, such as `anthropic:claude-sonnet-5`; empty: the first key found, else offline."""
    model_timeout_s: float = Field(60.0, gt=0, validation_alias="COS_MODEL_TIMEOUT_S")
    """How long one call to a model may take."""
    anthropic_api_key: SecretStr | None = Field(None, validation_alias="ANTHROPIC_API_KEY")
    """Key for `anthropic:`."""
    openai_api_key: SecretStr | None = Field(None, validation_alias="OPENAI_API_KEY")
    """Key for `openai:`."""
    openai_base_url: str = Field("", validation_alias="OPENAI_BASE_URL")
    """Another server that speaks OpenAI's protocol, for `openai:`; it may need no key."""
    openrouter_api_key: SecretStr | None = Field(None, validation_alias="OPENROUTER_API_KEY")
    """Key for `openrouter:`."""
    groq_api_key: SecretStr | None = Field(None, validation_alias="GROQ_API_KEY")
    """Key for `groq:`."""
    gemini_api_key: SecretStr | None = Field(
        None, validation_alias=AliasChoices("GEMINI_API_KEY", "GOOGLE_API_KEY")
    )
    """Key for `gemini:`."""
    bedrock_api_key: SecretStr | None = Field(None, validation_alias="AWS_BEARER_TOKEN_BEDROCK")
    """Key for `bedrock:`; without it, the usual AWS credentials are used."""
    ollama_host: str = Field("http://127.0.0.1:11434", validation_alias="OLLAMA_HOST")
    """Where Ollama listens, for `ollama:`."""
    llamacpp_base_url: str = Field("http://127.0.0.1:8080", validation_alias="LLAMACPP_BASE_URL")
    """Where llama.cpp's server listens, for `llamacpp:`."""
