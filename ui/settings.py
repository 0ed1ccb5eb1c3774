"""The panel's settings, read from the environment once, at the start of the process."""

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class UiSettings(BaseSettings):
    """Everything that the panel can be told from outside."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_file=".env", populate_by_name=True)

    home: Path = Field(Path("~/.chief-of-staff"), validation_alias="COS_HOME")
    """Folder of all local data; the panel keeps its logins in `ui/` below it."""

    bind_host: str = Field("127.0.0.1", validation_alias="COS_BIND_HOST")
    """Address to listen on."""

    port: int = Field(8703, validation_alias="UI_PORT", ge=0, le=65535)
    """Port to listen on."""

    public_url: str = Field("", validation_alias="PUBLIC_URL")
    """What the person's browser opens; with https the session cookie is marked secure."""

    session: str = Field("main", validation_alias="COS_SESSION", min_length=1, max_length=100)
    """The owner's session, which the chat shows."""

    ledger_url: str = Field("http://127.0.0.1:8700", validation_alias="LEDGER_URL")
    """Where the ledger listens, without /api/v1."""

    ledger_api_key: SecretStr = Field(SecretStr(""), validation_alias="LEDGER_API_KEY")
    """A reader key: the panel reads with it, and acts only with the key of the person's login."""

    gateway_url: str = Field("http://127.0.0.1:8702", validation_alias="GATEWAY_URL")
    """Where the gateway's conversation API listens."""

    max_upload_mb: int = Field(25, validation_alias="GATEWAY_MAX_UPLOAD_MB", ge=1)
    """What the gateway takes in one message, in megabytes; the chat refuses more before it is sent."""

    model: str = Field("", validation_alias="COS_MODEL")
    """The model that was chosen, to be shown; empty: the first whose key is found."""

    model_voice: str = Field("", validation_alias="COS_MODEL_VOICE")
    """The model for calls, to be shown; empty: the same."""

    storage_secret: SecretStr = Field(SecretStr(""), validation_alias="UI_STORAGE_SECRET")
    """Signs session cookies; without one, a secret is made and kept beside the logins."""

    @property
    def storage(self) -> Path:
        """The folder of the panel's own files."""
        return self.home.expanduser() / "ui"

    @property
    def max_upload_bytes(self) -> int:
        """The limit of one message with its files, in bytes."""
        return self.max_upload_mb * 1_000_000

    @property
    def secure_cookies(self) -> bool:
        """Whether browsers reach the panel over https."""
        return urlsplit(self.public_url).scheme == "https"
