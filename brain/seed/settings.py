"""The worker's settings: the only place of this part that reads the environment."""

from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class SeedSettings(BaseSettings):
    """Read once at start; every field's alias is the name of its environment variable."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        populate_by_name=True,
        hide_input_in_errors=True,
    )

    ledger_url: str = Field(default="http://127.0.0.1:8700", validation_alias="LEDGER_URL")
    """Where the ledger is."""
    ledger_api_key: SecretStr = Field(alias="LEDGER_API_KEY")
    """A key of the scope `agent`."""
    home: Path = Field(default=Path("~/.chief-of-staff"), validation_alias="COS_HOME")
    """Where this installation keeps its data; the worker uses `work` and `cache` in it."""
    name: str = Field(
        default="seed-1",
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$",
        max_length=100,
        validation_alias="SEED_NAME",
    )
    """What the worker is called in the ledger; give each its own."""
    slots: int = Field(default=2, ge=1, le=32, validation_alias="SEED_SLOTS")
    """How many tasks it works on at once."""
    lease_s: int = Field(default=60, ge=1, le=3600, validation_alias="SEED_LEASE_S")
    """How long a claim holds without a heartbeat; a killed worker's task waits so long."""
    heartbeat_s: float = Field(default=20.0, gt=0, validation_alias="SEED_HEARTBEAT_S")
    """How often the leases are renewed; well below SEED_LEASE_S."""
    poll_s: float = Field(default=5.0, gt=0, validation_alias="SEED_POLL_S")
    """How often it looks for work without having been told of any."""
    warm: bool = Field(default=True, validation_alias="SEED_WARM")
    """Keep one process ready with the skills' libraries: about 90 MB for a second less to wait."""
    skill_memory_mb: int = Field(default=2048, ge=256, validation_alias="SEED_SKILL_MEMORY_MB")
    """The most memory a skill may take."""
    skill_timeout_s: float = Field(default=900.0, gt=0, validation_alias="SEED_SKILL_TIMEOUT_S")
    """The longest a skill may run."""

    @model_validator(mode="after")
    def _heartbeats_within_a_lease(self) -> Self:
        if self.heartbeat_s > self.lease_s / 2:
            raise ValueError("SEED_HEARTBEAT_S must be at most half of SEED_LEASE_S, or leases run out")
        return self

    @property
    def place(self) -> Path:
        """COS_HOME, absolute."""
        return self.home.expanduser().resolve()
