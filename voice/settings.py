"""The voice's settings: the only place of this part that reads the environment."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class VoiceSettings(BaseSettings):
    """Read once at start; every field's alias is the name of its environment variable."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True, populate_by_name=True
    )

    stt: str = Field(default="local", validation_alias="VOICE_STT")
    """Who turns speech into text: `local`, or a vendor such as `deepgram`, `openai`, `groq`, `azure`."""
    stt_api_key: SecretStr = Field(default=SecretStr(""), validation_alias="VOICE_STT_API_KEY")
    """The vendor's key for it."""
    stt_model: str = Field(default="", validation_alias="VOICE_STT_MODEL")
    """The vendor's model; empty takes the vendor's default."""
    stt_url: str = Field(default="", validation_alias="VOICE_STT_URL")
    """Where the vendor is reached, if not at its usual place: an OpenAI-compatible server, a proxy."""
    tts: str = Field(default="local", validation_alias="VOICE_TTS")
    """Who turns text into speech: `local`, or a vendor such as `cartesia`, `elevenlabs`, `openai`."""
    tts_api_key: SecretStr = Field(default=SecretStr(""), validation_alias="VOICE_TTS_API_KEY")
    """The vendor's key for it."""
    tts_model: str = Field(default="", validation_alias="VOICE_TTS_MODEL")
    """The vendor's model; empty takes the vendor's default."""
    tts_voice: str = Field(default="", validation_alias="VOICE_TTS_VOICE")
    """The vendor's name or id of the voice; some vendors demand one."""
    tts_url: str = Field(default="", validation_alias="VOICE_TTS_URL")
    """As VOICE_STT_URL."""
    region: str = Field(default="", validation_alias="VOICE_REGION")
    """The vendor's region, where it has such (azure)."""
    stt_workers: int = Field(default=2, ge=1, le=16, validation_alias="VOICE_STT_WORKERS")
    """Threads of local speech recognition, over one model."""
