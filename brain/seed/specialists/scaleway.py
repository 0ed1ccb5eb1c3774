"""One namespace of Scaleway's Serverless Containers, for specialists."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from scaleway_async.container.v1 import (
    Container,
    ContainerPrivacy,
    ContainerProbe,
    ContainerProbeHTTPProbe,
    ContainerSandbox,
)
from scaleway_core.api import ScalewayException

from brain.scaleway import ScalewayFailed, asked, containers_api
from brain.seed.errors import RosterRefused

T = TypeVar("T")
_NAMED = "SEED_SCALEWAY"
_MB = 1_000_000
_NOT_FOUND = 404


@dataclass(frozen=True)
class Account:
    """Where, and with which key: it needs the right ContainersFullAccess."""

    access_key: str
    secret_key: str = field(repr=False)
    namespace: str
    region: str = "fr-par"
    private_network: str = ""
    api_url: str = "https://api.scaleway.com"


@dataclass(frozen=True)
class Wish:
    """One container as it ought to be. Its variables are all secret: Scaleway shows them to nobody."""

    name: str
    image: str
    variables: Mapping[str, str] = field(repr=False)
    command: tuple[str, ...]
    port: int
    memory_mb: int
    mvcpu: int
    tags: tuple[str, ...]


class Namespace:
    """Its containers.

    Args:
        account: Whose.

    Raises:
        RosterRefused: What is said of the account cannot be.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        try:
            self._api = containers_api(
                access_key=account.access_key,
                secret_key=account.secret_key,
                api_url=account.api_url,
                region=account.region,
                named=_NAMED,
            )
        except ScalewayFailed as failed:
            raise RosterRefused(str(failed)) from None

    async def find(self, name: str) -> Container | None:
        """The one of this name. Raises RosterRefused: Scaleway refuses, or does not answer."""
        listed = await _asked(self._api.list_containers_all(namespace_id=self._account.namespace))
        return next((one for one in listed if one.name == name), None)

    async def get(self, container_id: str) -> Container | None:
        """One of them; None when it is gone. Raises RosterRefused."""
        return await _asked(_unless_gone(partial(self._api.get_container, container_id=container_id)))

    async def create(self, wish: Wish) -> Container:
        """A new one, which starts at once. Raises RosterRefused."""
        return await _asked(
            self._api.create_container(
                namespace_id=self._account.namespace,
                name=wish.name,
                # Nobody calls it: it takes its work from the ledger.
                privacy=ContainerPrivacy.PRIVATE,
                sandbox=ContainerSandbox.V1,  # the other knows no calls that bubblewrap needs
                https_connections_only=True,
                **self._shape(wish),
            )
        )

    async def update(self, container_id: str, wish: Wish) -> Container:
        """Makes one what is wished. Raises RosterRefused."""
        return await _asked(self._api.update_container(container_id=container_id, **self._shape(wish)))

    async def remove(self, container_id: str) -> None:
        """Deletes one; no matter if it is gone. Raises RosterRefused."""
        await _asked(_unless_gone(partial(self._api.delete_container, container_id=container_id)))

    def _shape(self, wish: Wish) -> dict[str, Any]:
        return {
            "image": wish.image,
            "port": wish.port,
            "command": list(wish.command),
            "secret_environment_variables": dict(wish.variables),
            "min_scale": 1,
            "max_scale": 1,
            "memory_limit_bytes": wish.memory_mb * _MB,
            "mvcpu_limit": wish.mvcpu,
            "private_network_id": self._account.private_network or None,
            "liveness_probe": ContainerProbe(
                failure_threshold=12,
                interval="10s",
                timeout="5s",
                http=ContainerProbeHTTPProbe(path="/health/live"),
            ),
            "tags": list(wish.tags),
        }


async def _unless_gone(call: Callable[[], Coroutine[Any, Any, T]]) -> T | None:
    try:
        return await call()
    except ScalewayException as refused:
        if refused.status_code == _NOT_FOUND:
            return None
        raise


async def _asked(call: Coroutine[Any, Any, T]) -> T:
    try:
        return await asked(call, named=_NAMED)
    except ScalewayFailed as failed:
        raise RosterRefused(str(failed)) from None
