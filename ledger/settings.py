"""The ledger's settings: the only place of this part that reads the environment."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class LedgerSettings(BaseSettings):
    """Read once at start. A field's name in capitals is its environment variable."""

    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True)

    database_url: SecretStr
    """PostgreSQL, as a URL: `postgresql://user:password@host/name` or `…@/name?host=/socket/folder`."""
    redis_url: SecretStr | None = None
    """Wakes readers across replicas. The ledger works without it, with a little more delay."""
    cos_bind_host: str = "127.0.0.1"
    """The address to listen on."""
    ledger_port: int = Field(default=8700, ge=0, le=65535)
    """The port to listen on; 0 takes a free one."""
    cos_home: Path = Path("~/.chief-of-staff")
    """Where this installation keeps its data."""
    ledger_artifacts: str | None = None
    """A folder or an object store's URL (`s3://bucket/prefix`); default `artifacts` in COS_HOME."""
    ledger_max_upload_mb: int = Field(default=100, ge=1)
    """The largest artifact, in megabytes of 1,000,000 bytes."""
    ledger_pool_size: int = Field(default=20, ge=2, le=200)
    """How many PostgreSQL connections one process may hold; half of them are for commands."""
    ledger_retry_base_s: float = Field(default=2.0, gt=0)
    """The pause before a failed task's second attempt; it doubles with each failure, up to an hour."""
    ledger_sweep_s: float = Field(default=1.0, gt=0)
    """How often expired leases, gates and silent agents are looked for."""
    ledger_agent_silence_s: int = Field(default=60, ge=1)
    """An agent that was not heard of for so long counts as offline."""
    ledger_keep_events_days: int = Field(default=90, ge=0, le=36_500)
    """How long events are kept; a reader that comes back later is told `cursor_expired`. 0 is for ever."""
    ledger_keep_turns_days: int = Field(default=0, ge=0, le=36_500)
    """How long what was said is kept, with the files that came with it; 0 is for ever."""
    ledger_keep_attempts_days: int = Field(default=90, ge=0, le=36_500)
    """How long ended attempts of tasks are kept; 0 is for ever. The tasks stay."""
    ledger_keep_answers_days: int = Field(default=7, ge=1, le=365)
    """How long a repeated request with the same Idempotency-Key gets the answer of the first."""
    ledger_rate_per_s: float = Field(default=5_000.0, ge=0)
    """How many requests one key may make a second, over all replicas that share a Redis; 0: any number."""
    ledger_rate_burst: int = Field(default=10_000, ge=1)
    """How many it may make at once after a pause."""
    ledger_bootstrap_admin_key: SecretStr | None = None
    """A key with all rights that is accepted from the first start on; only its hash is stored."""
    ledger_bootstrap_agent_key: SecretStr | None = None
    """The same for workers."""
    ledger_bootstrap_reader_key: SecretStr | None = Field(default=None)
    """The same for reading."""

    @property
    def artifacts_url(self) -> str:
        """The object store's URL; a plain folder becomes a `file://` one."""
        place = self.ledger_artifacts or str(self.cos_home.expanduser() / "artifacts")
        return place if "://" in place else Path(place).expanduser().resolve().as_uri()

    @property
    def max_upload_bytes(self) -> int:
        """The largest artifact in bytes."""
        return self.ledger_max_upload_mb * 1_000_000
