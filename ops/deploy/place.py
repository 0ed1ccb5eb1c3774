"""The namespace of Scaleway's Serverless Containers that the parts are deployed to."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

from scaleway_async.container.v1 import (
    Container,
    ContainerPrivacy,
    ContainerProbe,
    ContainerProbeHTTPProbe,
    ContainerSandbox,
    ContainerScalingOption,
    ContainerV1API,
)

from brain.scaleway import ScalewayFailed, asked, containers_api
from ops.deploy.planning import Found, tags_of
from ops.deploy.settings import DeploySettings
from ops.deploy.wanted import Wanted
from ops.errors import DeployFailed

T = TypeVar("T")
EVERY_S = 2.0
"""How often a change is asked about."""
_NAMED = "SCW"
_MB = 1_000_000
_BUSY_AT = 40
"""Requests at once in one container, from which another is started."""
_LONGEST_REQUEST = "3600s"
"""Calls and event streams are single requests that stay open; more than an hour is not to be had."""
_SETTLED = frozenset({"ready", "error", "locked"})


@dataclass(frozen=True)
class Place:
    """The containers of one namespace."""

    settings: DeploySettings
    _api: ContainerV1API = field(init=False, repr=False)

    def __post_init__(self) -> None:
        settings = self.settings
        try:
            api = containers_api(
                access_key=settings.access_key,
                secret_key=settings.secret_key.get_secret_value(),
                api_url=settings.api_url,
                region=settings.region,
                named=_NAMED,
            )
        except ScalewayFailed as failed:
            raise DeployFailed(str(failed)) from None
        object.__setattr__(self, "_api", api)

    async def containers(self) -> dict[str, Found]:
        """Part → its container. Raises DeployFailed: Scaleway refuses, or does not answer."""
        listed = await _asked(self._api.list_containers_all(namespace_id=self.settings.namespace))
        return {one.name: _found(one) for one in listed}

    async def create(self, wanted: Wanted) -> Found:
        """A new container, which starts at once. Raises DeployFailed."""
        made = await _asked(
            self._api.create_container(
                namespace_id=self.settings.namespace,
                name=wanted.part,
                privacy=ContainerPrivacy.PUBLIC,
                sandbox=ContainerSandbox.V1 if wanted.size.own_kernel_calls else ContainerSandbox.V2,
                https_connections_only=True,
                scaling_option=ContainerScalingOption(concurrent_requests_threshold=_BUSY_AT),
                timeout=_LONGEST_REQUEST,
                secret_environment_variables=dict(wanted.secrets),
                **_shape(wanted),
            )
        )
        return _found(made)

    async def update(self, container: str, wanted: Wanted) -> Found:
        """Make it what is wanted; the former one answers until the new one does. Raises DeployFailed."""
        changed = await _asked(
            self._api.update_container(
                container_id=container, secret_environment_variables=dict(wanted.secrets), **_shape(wanted)
            )
        )
        return _found(changed)

    async def put_back(self, former: Found) -> Found:
        """Its former image, numbers and settings.

        Secrets keep the values that they have by now: the place does not tell the former ones.

        Raises:
            DeployFailed: As above.
        """
        changed = await _asked(
            self._api.update_container(
                container_id=former.id,
                image=former.image,
                environment_variables=dict(former.environment),
                # To the API, an empty one means: as it is.
                secret_environment_variables=dict.fromkeys(former.secrets, ""),
                min_scale=former.least,
                max_scale=former.most,
                memory_limit_bytes=former.memory_mb * _MB,
                mvcpu_limit=former.mvcpu,
                tags=list(former.tags),
            )
        )
        return _found(changed)

    async def remove(self, container: str) -> None:
        """Delete it. Raises DeployFailed."""
        await _asked(self._api.delete_container(container_id=container))

    async def settled(self, container: str) -> Found:
        """Wait until it runs. Raises DeployFailed: It does not, with Scaleway's reason."""
        while True:
            now = await _asked(self._api.get_container(container_id=container))
            if str(now.status) in _SETTLED:
                break
            await asyncio.sleep(EVERY_S)
        if str(now.status) != "ready":
            raise DeployFailed(
                f"{now.name} is in the state {now.status}: {now.error_message or 'no reason given'}"
            )
        return _found(now)


def _shape(wanted: Wanted) -> dict[str, Any]:
    size = wanted.size
    return {
        "image": wanted.image,
        "port": size.port,
        "environment_variables": dict(wanted.environment),
        "min_scale": size.least,
        "max_scale": size.most,
        "memory_limit_bytes": size.memory_mb * _MB,
        "mvcpu_limit": size.mvcpu,
        "private_network_id": wanted.private_network or None,
        "liveness_probe": ContainerProbe(
            failure_threshold=12,
            interval="10s",
            timeout="5s",
            http=ContainerProbeHTTPProbe(path="/health/live"),
        ),
        "tags": tags_of(wanted),
    }


def _found(container: Container) -> Found:
    return Found(
        id=container.id,
        part=container.name,
        image=container.image,
        address=container.public_endpoint.rstrip("/"),
        environment=dict(container.environment_variables or {}),
        secrets=frozenset(container.secret_environment_variables or {}),
        least=container.min_scale,
        most=container.max_scale,
        memory_mb=container.memory_limit_bytes // _MB,
        mvcpu=container.mvcpu_limit,
        tags=tuple(container.tags or ()),
    )


async def _asked(call: Coroutine[Any, Any, T]) -> T:
    try:
        return await asked(call, named=_NAMED)
    except ScalewayFailed as failed:
        raise DeployFailed(str(failed)) from None
