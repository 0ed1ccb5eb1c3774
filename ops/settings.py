"""The settings of the supervisor, and the environment that it hands to its parts."""

import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Literal, Self

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from ops.errors import SettingsUnusable

PORTS = ("ledger", "chief", "gateway", "ui")
"""The parts that listen, in the order of their ports."""
_EVERYWHERE = frozenset({"0.0.0.0", "::", ""})  # noqa: S104  # compared with, not bound to


class OpsSettings(BaseSettings):
    """Read once by `cos`; every field's alias is the name of its environment variable."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", env_file=".env", env_ignore_empty=True, populate_by_name=True
    )

    home: Path = Field(Path("~/.chief-of-staff"), validation_alias="COS_HOME")
    """Where this installation keeps its data."""
    bind_host: str = Field("127.0.0.1", validation_alias="COS_BIND_HOST")
    """The address that every part listens on."""
    session: str = Field("main", validation_alias="COS_SESSION")
    """The owner's session."""
    ledger_port: int = Field(8700, validation_alias="LEDGER_PORT", ge=1, le=65535)
    """Where the ledger listens."""
    chief_port: int = Field(8701, validation_alias="CHIEF_PORT", ge=1, le=65535)
    """Where the chief listens."""
    gateway_port: int = Field(8702, validation_alias="GATEWAY_PORT", ge=1, le=65535)
    """Where the gateway listens."""
    ui_port: int = Field(8703, validation_alias="UI_PORT", ge=1, le=65535)
    """Where the panel listens."""
    database_url: SecretStr | None = Field(None, validation_alias="DATABASE_URL")
    """A PostgreSQL of one's own; without it, the embedded one is started."""
    redis_url: SecretStr | None = Field(None, validation_alias="REDIS_URL")
    """A Redis of one's own; without it, the embedded one is started."""
    public_url: str = Field("", validation_alias="PUBLIC_URL")
    """What the person's browser opens, when it is not the panel's own address."""
    ledger_url: str = Field("", validation_alias="LEDGER_URL")
    """Where the ledger listens, for `cos login` and `cos status` without a supervisor on this machine."""
    chief_url: str = Field("", validation_alias="CHIEF_URL")
    """Where the chief listens, for `cos chat` without a supervisor on this machine."""
    ledger_api_key: SecretStr | None = Field(None, validation_alias="LEDGER_API_KEY")
    """An admin key, for `cos chat`, `cos login` and `cos status` without a supervisor on this machine."""
    backup_passphrase: SecretStr | None = Field(None, validation_alias="COS_BACKUP_PASSPHRASE")
    """What `cos backup` encrypts with and `cos restore` opens with; without it, they ask."""
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", validation_alias="LOG_LEVEL")
    """The least level that is written."""
    log_format: Literal["console", "json"] = Field("console", validation_alias="LOG_FORMAT")
    """`console` for people, `json` for machines."""
    otlp_endpoint: str = Field("", validation_alias="OTEL_EXPORTER_OTLP_ENDPOINT")
    """Where traces are sent, over HTTP; empty: nowhere."""
    await_ledger: bool = Field(False, validation_alias="COS_AWAIT_LEDGER")
    """`cos run` lets the part begin only when the ledger answers; what it needs is loaded meanwhile."""
    start_timeout_s: float = Field(90, validation_alias="COS_START_TIMEOUT_S", gt=0)
    """How long one part may take until it is ready."""

    @classmethod
    def read(cls, *, home: Path | None = None, base_port: int | None = None) -> Self:
        """From environment and `.env`, with what the command line said above both.

        Raises:
            SettingsUnusable: names each variable that cannot be understood.
        """
        said: dict[str, object] = {} if home is None else {"home": home}
        if base_port is not None:
            said |= {f"{part}_port": base_port + offset for offset, part in enumerate(PORTS)}
        try:
            return cls.model_validate(said)
        except ValidationError as error:
            raise SettingsUnusable(explained(error)) from None

    @cached_property
    def place(self) -> Path:
        """COS_HOME, absolute."""
        return self.home.expanduser().absolute()

    def port(self, part: str) -> int:
        """Where a part listens."""
        return int(getattr(self, f"{part}_port"))

    def url(self, part: str) -> str:
        """How programs on this machine reach a part."""
        host = "127.0.0.1" if self.bind_host in _EVERYWHERE else self.bind_host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port(part)}"

    @property
    def panel(self) -> str:
        """How the person reaches the panel."""
        return self.public_url.rstrip("/") or self.url("ui")


def explained(error: ValidationError) -> str:
    """What is wrong with which variable, one line each, without the values, which may be secrets."""
    return "\n".join(
        f"{'.'.join(map(str, problem['loc'])).upper()}: {problem['msg']}. See .env.example."
        for problem in error.errors()
    )


def environment() -> Mapping[str, str]:
    """What this process was told: its environment above `.env`; what is empty counts as not said."""
    told = {**dotenv_values(".env"), **os.environ}
    return {name: value for name, value in told.items() if value}
