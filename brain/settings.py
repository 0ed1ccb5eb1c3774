"""Which model thinks, and the keys of those who sell them."""

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class ModelSettings(BaseSettings):
    """One setting chooses the model; the keys bear the names that their vendors gave them."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="ignore",
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        populate_by_name=True,
        hide_input_in_errors=True,
    )

    model: str = Field("", validation_alias="COS_MODEL")
    """`provider:model`, such as `anthropic:claude-sonnet-5`; empty: the first key found, else offline."""
    voice_model: str = Field("", validation_alias="COS_MODEL_VOICE")
    """Another `provider:model` for calls and voice messages, where an answer has to come sooner."""
    fallback_models: str = Field("", validation_alias="COS_MODEL_FALLBACK")
    """Models to go on with when the first fails, in order: `provider:model`, with commas between them."""
    model_tries: int = Field(2, ge=1, le=10, validation_alias="COS_MODEL_TRIES")
    """How often a model is asked before the next one is, or before the person is told."""
    model_silence_s: float = Field(30.0, gt=0, validation_alias="COS_MODEL_SILENCE_S")
    """How long a model may say nothing before it is given up."""
    model_timeout_s: float = Field(60.0, gt=0, validation_alias="COS_MODEL_TIMEOUT_S")
    """How long one call to a model may take."""
    anthropic_api_key: SecretStr | None = Field(None, validation_alias="ANTHROPIC_API_KEY")
    """Key for `anthropic:`."""
    anthropic_base_url: str = Field("", validation_alias="ANTHROPIC_BASE_URL")
    """Another server that speaks Anthropic's protocol, such as a gateway; empty: Anthropic's own."""
    openai_api_key: SecretStr | None = Field(None, validation_alias="OPENAI_API_KEY")
    """Key for `openai:`."""
    openai_base_url: str = Field("", validation_alias="OPENAI_BASE_URL")
    """Another server that speaks OpenAI's protocol, for `openai:`; it may need no key."""
    openrouter_api_key: SecretStr | None = Field(None, validation_alias="OPENROUTER_API_KEY")
    """Key for `openrouter:`."""
    openrouter_base_url: str = Field("https://openrouter.ai/api/v1", validation_alias="OPENROUTER_BASE_URL")
    """Where OpenRouter is, or a gateway before it."""
    groq_api_key: SecretStr | None = Field(None, validation_alias="GROQ_API_KEY")
    """Key for `groq:`."""
    groq_base_url: str = Field("https://api.groq.com/openai/v1", validation_alias="GROQ_BASE_URL")
    """Where Groq is, or a gateway before it."""
    gemini_api_key: SecretStr | None = Field(
        None, validation_alias=AliasChoices("GEMINI_API_KEY", "GOOGLE_API_KEY")
    )
    """Key for `gemini:`."""
    gemini_base_url: str = Field("", validation_alias="GOOGLE_GEMINI_BASE_URL")
    """Another server that speaks Gemini's protocol, such as a gateway; empty: Google's own."""
    bedrock_api_key: SecretStr | None = Field(None, validation_alias="AWS_BEARER_TOKEN_BEDROCK")
    """Key for `bedrock:`; without it, the usual AWS credentials are used."""
    bedrock_endpoint_url: str = Field("", validation_alias="AWS_ENDPOINT_URL_BEDROCK_RUNTIME")
    """Another address for Bedrock, such as a private one; empty: that of the region."""
    ollama_host: str = Field("http://127.0.0.1:11434", validation_alias="OLLAMA_HOST")
    """Where Ollama listens, for `ollama:`."""
    llamacpp_base_url: str = Field("http://127.0.0.1:8080", validation_alias="LLAMACPP_BASE_URL")
    """Where llama.cpp's server listens, for `llamacpp:`."""
