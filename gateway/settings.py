"""The gateway's settings. Only this module and `telegram.settings` read the environment in this part."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class GatewaySettings(BaseSettings):
    """Read once at start; every field's alias is the name of its environment variable."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True, populate_by_name=True
    )

    redis_url: SecretStr = Field(validation_alias="REDIS_URL")
    """Where turns, replies and notices are kept; `unix://…/redis.sock` or `redis://…`."""
    ledger_url: str = Field(default="http://127.0.0.1:8700", validation_alias="LEDGER_URL")
    """Where the ledger is, without /api/v1."""
    ledger_api_key: SecretStr = Field(validation_alias="LEDGER_API_KEY")
    """An admin key: the gateway stores files, records notices and hears every event."""
    bind_host: str = Field(default="127.0.0.1", validation_alias="COS_BIND_HOST")
    """The address to listen on."""
    port: int = Field(default=8702, ge=0, le=65535, validation_alias="GATEWAY_PORT")
    """The port to listen on; 0 takes a free one."""
    session: str = Field(default="main", validation_alias="COS_SESSION")
    """The owner's session: the one that their private chats belong to."""
    max_upload_mb: int = Field(default=25, ge=1, le=10_000, validation_alias="GATEWAY_MAX_UPLOAD_MB")
    """The most that the files of one message may have together, in megabytes of 1,000,000 bytes."""

    public_url: str = Field(default="", validation_alias="PUBLIC_URL")
    """Where the person's browser finds the panel; notices link to it. Empty: no links."""
    new_message_interrupts: bool = Field(default=False, validation_alias="GATEWAY_NEW_MESSAGE_INTERRUPTS")
    """Whether a new message stops the turn that runs in its session, instead of waiting behind it."""
    max_waiting_turns: int = Field(default=100, ge=1, validation_alias="GATEWAY_MAX_WAITING_TURNS")
    """How many messages of one session may wait for an answer before more are refused for the moment."""
    max_waiting_overall: int = Field(default=5_000, ge=1, validation_alias="GATEWAY_MAX_WAITING_OVERALL")
    """The same over all sessions."""

    lease_s: float = Field(default=15, gt=0, validation_alias="GATEWAY_LEASE_S")
    """How long after this gateway's death another goes on with its deliveries and timers."""

    @property
    def max_upload_bytes(self) -> int:
        """The same in bytes."""
        return self.max_upload_mb * 1_000_000
