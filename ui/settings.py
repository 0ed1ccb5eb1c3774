"""The panel's settings, read from the environment once, at the start of the process."""

from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from ui.passwords import is_hash


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

    password_hash: SecretStr = Field(SecretStr(""), validation_alias="UI_PASSWORD_HASH")
    """Lets the owner sign in with a password, besides the one-time link; `cos password` makes it."""

    login_key: SecretStr = Field(SecretStr(""), validation_alias="UI_LOGIN_KEY")
    """An admin key of the ledger, used for nothing but to let in who gave the password or came by OpenID."""

    oidc_issuer: str = Field("", validation_alias="UI_OIDC_ISSUER")
    """An OpenID Connect provider that people may sign in with, such as https://accounts.example.com."""

    oidc_client_id: str = Field("", validation_alias="UI_OIDC_CLIENT_ID")
    """What the provider calls this panel; its redirect address is PUBLIC_URL/login/openid/back."""

    oidc_client_secret: SecretStr = Field(SecretStr(""), validation_alias="UI_OIDC_CLIENT_SECRET")
    """What the panel shows the provider; empty for a public client."""

    oidc_owners: str = Field("", validation_alias="UI_OIDC_OWNERS")
    """Verified mail addresses, or subjects, that come in as owner; separated by commas."""

    oidc_readers: str = Field("", validation_alias="UI_OIDC_READERS")
    """Verified mail addresses, or subjects, that come in as reader; separated by commas."""

    @model_validator(mode="after")
    def _says_all(self) -> Self:
        hashed = self.password_hash.get_secret_value()
        if hashed and not is_hash(hashed):
            raise ValueError("UI_PASSWORD_HASH is not what `cos password` prints")
        if (hashed or self.oidc_issuer) and not self.login_key.get_secret_value():
            raise ValueError("UI_PASSWORD_HASH and UI_OIDC_ISSUER need UI_LOGIN_KEY, an admin key")
        if self.oidc_issuer and not (self.oidc_client_id and self.public_url):
            raise ValueError("UI_OIDC_ISSUER needs UI_OIDC_CLIENT_ID and PUBLIC_URL")
        return self

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
