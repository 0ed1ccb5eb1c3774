"""The chief's settings: the only place of this part that reads the environment."""

from pathlib import Path

from pydantic import Field, SecretStr

from brain.settings import ModelSettings


class ChiefSettings(ModelSettings):
    """Read once at start; every field's alias is the name of its environment variable."""

    home: Path = Field(Path("~/.chief-of-staff"), validation_alias="COS_HOME")
    """Where this installation keeps its data."""
    bind_host: str = Field("127.0.0.1", validation_alias="COS_BIND_HOST")
    """The address to listen on."""
    port: int = Field(8701, ge=0, le=65535, validation_alias="CHIEF_PORT")
    """The port to listen on; 0 takes a free one."""
    session: str = Field("main", validation_alias="COS_SESSION")
    """The owner's session, for `POST /chat` without a `session_id`."""
    redis_url: SecretStr = Field(SecretStr("redis://127.0.0.1:6379/0"), validation_alias="REDIS_URL")
    """Where the session stream is."""
    ledger_url: str = Field("http://127.0.0.1:8700", validation_alias="LEDGER_URL")
    """Where the ledger listens, without /api/v1."""
    ledger_api_key: SecretStr = Field(SecretStr(""), validation_alias="LEDGER_API_KEY")
    """An admin key of the ledger."""
    ledger_patience_s: float = Field(10.0, gt=0, validation_alias="CHIEF_LEDGER_PATIENCE_S")
    """How long a turn waits for a ledger that is away before the person is told."""
    slots: int = Field(8, ge=1, le=200, validation_alias="CHIEF_SLOTS")
    """How many sessions are answered at a time."""
    cached_sessions: int = Field(64, ge=1, validation_alias="CHIEF_CACHED_SESSIONS")
    """How many conversations are kept in memory; others are read again from the ledger."""
    turn_timeout_s: float = Field(120.0, gt=0, validation_alias="CHIEF_TURN_TIMEOUT_S")
    """How long the model may work on one turn, all its calls and tools together."""
    chat_wait_s: float = Field(60.0, gt=0, validation_alias="CHIEF_CHAT_WAIT_S")
    """How long `POST /chat` waits for the answer."""

    @property
    def misses_path(self) -> Path:
        """Where sentences that the offline model did not understand are kept."""
        return self.home.expanduser() / "chief" / "misses.jsonl"
