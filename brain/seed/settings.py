"""The worker's settings: the only place of this part that reads the environment."""

import os
from pathlib import Path
from typing import Literal, Self

from pydantic import AliasChoices, Field, SecretStr, model_validator
from pydantic.fields import FieldInfo

from brain.settings import ModelSettings

_SYSTEM = (
    "PATH",
    "LANG",
    "TZ",
    "TMPDIR",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "PYTHONPATH",
    "PYTHONPYCACHEPREFIX",
)
_OWN_FIELDS = (
    *("lease_s", "heartbeat_s", "poll_s", "own_model", "web_hosts", "search_url", "search_key", "mcp_config"),
    *("skill_timeout_s", "specialist_idle_s", "keep_every_s"),
)


class SeedSettings(ModelSettings):
    """Read once at start; every field's alias is the name of its environment variable."""

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
    bind_host: str = Field(default="127.0.0.1", validation_alias="COS_BIND_HOST")
    """The address to listen on, if SEED_PORT says where."""
    port: int = Field(default=0, ge=0, le=65535, validation_alias="SEED_PORT")
    """Where it answers `/metrics` and `/health/live`; 0: nowhere, as it needs nothing of that to work."""
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
    own_model: str = Field(default="", validation_alias="SEED_MODEL")
    """`provider:model` for workers; empty: what COS_MODEL says."""
    task_steps: int = Field(default=80, ge=1, validation_alias="SEED_TASK_STEPS")
    """Calls of the model for one task until the person is asked whether to go on."""
    task_tokens: int = Field(default=600_000, ge=1, validation_alias="SEED_TASK_TOKENS")
    """The same for tokens, in and out together."""
    keep_every_s: float = Field(default=60.0, ge=0, validation_alias="SEED_KEEP_EVERY_S")
    """How often a running task's state is kept, from which another goes on when the worker is killed."""
    web_hosts: str = Field(default="", validation_alias="SEED_WEB_HOSTS")
    """Hosts that may be read without asking: `example.org *.example.net`, or `*` for any public one."""
    search_url: str = Field(default="", validation_alias="SEED_SEARCH_URL")
    """A search provider that answers JSON, with `{query}` where the words go; empty: no search."""
    search_key: SecretStr | None = Field(default=None, validation_alias="SEED_SEARCH_KEY")
    """The key that it asks for, if it does."""
    mcp_config: Path | None = Field(default=None, validation_alias="SEED_MCP_CONFIG")
    """A JSON file with `mcpServers`, whose tools workers may use."""
    specialist: Path | None = Field(default=None, validation_alias="SEED_SPECIALIST")
    """The file of the specialist that this process is; set by whoever starts it."""
    specialist_json: SecretStr | None = Field(default=None, validation_alias="SEED_SPECIALIST_JSON")
    """The same as that file's content, where no file can be given; set by whoever starts it."""
    specialists_max: int = Field(default=4, ge=0, le=100, validation_alias="SEED_SPECIALISTS_MAX")
    """How many specialists workers may raise on this machine, each with your approval; 0: none."""
    specialist_idle_s: float = Field(default=300.0, gt=0, validation_alias="SEED_SPECIALIST_IDLE_S")
    """After so long without work, a specialist ends; it is started again for the next task."""
    specialist_runtime: Literal["process", "docker", "scaleway"] = Field(
        default="process", validation_alias="SEED_SPECIALIST_RUNTIME"
    )
    """As processes, in containers by Docker's API, or on Scaleway Serverless Containers."""
    specialist_image: str = Field(default="chief-of-staff", validation_alias="SEED_SPECIALIST_IMAGE")
    """The image of their containers; for Scaleway with its registry, as `cos deploy` has pushed it."""
    docker_socket: Path = Field(default=Path("/var/run/docker.sock"), validation_alias="SEED_DOCKER_SOCKET")
    """Where Docker, or podman in its place, listens."""
    docker_network: str = Field(default="", validation_alias="SEED_DOCKER_NETWORK")
    """The network that those containers join; `host` where the ledger listens on loopback."""
    scaleway_access_key: str = Field(default="", validation_alias="SEED_SCALEWAY_ACCESS_KEY")
    """The name of the API key with which containers are made at Scaleway; its right: ContainersFullAccess."""
    scaleway_secret_key: SecretStr = Field(default=SecretStr(""), validation_alias="SEED_SCALEWAY_SECRET_KEY")
    """The key itself."""
    scaleway_namespace: str = Field(default="", validation_alias="SEED_SCALEWAY_NAMESPACE")
    """The id of the namespace in which they run."""
    scaleway_region: Literal["fr-par", "nl-ams", "pl-waw"] = Field(
        default="fr-par", validation_alias="SEED_SCALEWAY_REGION"
    )
    """Where that namespace is."""
    scaleway_private_network: str = Field(default="", validation_alias="SEED_SCALEWAY_PRIVATE_NETWORK")
    """The id of a private network that they join, if they reach the ledger by one."""
    scaleway_api_url: str = Field(
        default="https://api.scaleway.com", validation_alias="SEED_SCALEWAY_API_URL"
    )
    """Another server that speaks Scaleway's API."""

    @model_validator(mode="after")
    def _heartbeats_within_a_lease(self) -> Self:
        if self.heartbeat_s > self.lease_s / 2:
            raise ValueError("SEED_HEARTBEAT_S must be at most half of SEED_LEASE_S, or leases run out")
        return self

    @model_validator(mode="after")
    def _whole_for_scaleway(self) -> Self:
        needed = {
            "SEED_SCALEWAY_ACCESS_KEY": self.scaleway_access_key,
            "SEED_SCALEWAY_SECRET_KEY": self.scaleway_secret_key.get_secret_value(),
            "SEED_SCALEWAY_NAMESPACE": self.scaleway_namespace,
        }
        missing = [name for name, value in needed.items() if not value]
        if self.specialist_runtime == "scaleway" and missing:
            raise ValueError(f"SEED_SPECIALIST_RUNTIME=scaleway needs {', '.join(missing)} as well")
        return self

    @property
    def mind(self) -> ModelSettings:
        """Which model works, and its keys."""
        return self.model_copy(update={"model": self.own_model}) if self.own_model.strip() else self

    def for_specialists(self) -> dict[str, str]:
        """What the processes of specialists are told: of the system, the ledger and the models."""
        told = {name: os.environ[name] for name in _SYSTEM if name in os.environ}
        told |= {
            "LEDGER_URL": self.ledger_url,
            "COS_HOME": str(self.place),
            "SEED_WARM": "false",
            "SEED_PORT": "0",
        }
        for field in (*ModelSettings.model_fields, *_OWN_FIELDS):
            value = getattr(self, field)
            if value not in (None, ""):
                told[_alias(type(self).model_fields[field])] = _plain(value)
        return told

    @property
    def place(self) -> Path:
        """COS_HOME, absolute."""
        return self.home.expanduser().resolve()


def _alias(field: FieldInfo) -> str:
    alias = field.validation_alias
    return str(alias.choices[0]) if isinstance(alias, AliasChoices) else str(alias)


def _plain(value: object) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)
