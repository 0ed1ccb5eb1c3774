"""Specialists on Scaleway Serverless Containers: a container for each, made for work and deleted when idle.

Scaleway starts again what ends, so a specialist there never ends for want of work: its keeper sees that it is
idle, and deletes its container. What a keeper left behind when it was killed, the next one takes over.
"""

import asyncio
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec
import structlog

from agentops import AgentOpsClient, AgentOpsError
from brain.seed.errors import RosterRefused
from brain.seed.specialists.demand import is_at_work, is_wanted
from brain.seed.specialists.docker import NOT_PASSED
from brain.seed.specialists.runtimes import Running, variables_of
from brain.seed.specialists.scaleway import Namespace, Wish
from brain.seed.specialists.spec import Spec, Specialist

if TYPE_CHECKING:
    from scaleway_async.container.v1 import Container

log = structlog.get_logger(__name__)

PORT = 8704
_HOME = "/tmp/cos"  # noqa: S108  (inside of the container, whose /tmp is its own)
_NEVER_S = 10 * 365 * 86_400
_DEAD = frozenset({"error", "locked"})
_GONE_WITHIN_S = 120.0
_LONGEST_NAME = 34
_LEAST_MB, _MOST_MB = 512, 12_228
_LEAST_MVCPU, _MOST_MVCPU = 250, 6_000
_LONGEST_VARIABLE = 65_536
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True)
class Pace:
    """How often is looked, and when a specialist counts as idle."""

    idle_s: float
    look_s: float = 10.0
    change_s: float = 2.0
    """Between two looks at a change that is under way."""


@dataclass(frozen=True)
class Serverless:
    """Each specialist is a container of one namespace.

    Attributes:
        told: Variables for all of them.
        namespace: Where they run.
        image: What they are made from, in a registry that the namespace may read.
        ops: The ledger, to see whether a specialist has work.
        pace: Of the looks.
    """

    told: Mapping[str, str]
    namespace: Namespace
    image: str
    ops: AgentOpsClient
    pace: Pace

    async def start(self, specialist: Specialist, file: Path) -> Running:
        """As `Runtime.start`. One that runs already with the same settings is taken over as it is."""
        wish = wished(specialist, self.told, self.image)
        found = await self.namespace.find(wish.name)
        if found is not None and str(found.status) == "deleting":
            await self._until_gone(found.id)
            found = None
        if found is None:
            found = await self.namespace.create(wish)
        elif str(found.status) in _DEAD or set(found.tags or ()) != set(wish.tags):
            found = await self.namespace.update(found.id, wish)
        return _Container(self, specialist.spec, found.id)

    async def clear(self, specialist: Specialist) -> None:
        """As `Runtime.clear`."""
        found = await self.namespace.find(name_of(specialist.spec.name))
        if found is not None:
            await self.remove(found.id)

    async def remove(self, container_id: str) -> None:
        """Deletes one, and waits until it is gone.

        Raises:
            RosterRefused: It is still there after two minutes.
        """
        began = monotonic()
        while True:
            try:
                await self.namespace.remove(container_id)
                break
            except RosterRefused:  # one that is just being made is not deleted at once
                if monotonic() - began > _GONE_WITHIN_S:
                    raise
                await asyncio.sleep(self.pace.change_s)
        await self._until_gone(container_id)

    async def _until_gone(self, container_id: str) -> None:
        began = monotonic()
        while await self.namespace.get(container_id) is not None:
            if monotonic() - began > _GONE_WITHIN_S:
                raise RosterRefused(
                    f"Scaleway has not deleted the container {container_id} within {_GONE_WITHIN_S:.0f} s."
                )
            await asyncio.sleep(self.pace.change_s)


@dataclass(frozen=True)
class _Container:
    place: Serverless
    spec: Spec
    container_id: str

    async def ended(self) -> int:
        busy_at = monotonic()
        while True:
            await asyncio.sleep(self.place.pace.look_s)
            try:
                container = await self.place.namespace.get(self.container_id)
                if container is None or str(container.status) in _DEAD:
                    _tell_why(self.spec.name, container)
                    return 1
                if await self._has_work():
                    busy_at = monotonic()
                if monotonic() - busy_at >= self.place.pace.idle_s:
                    await self.stop()
                    return 0
            except (RosterRefused, AgentOpsError) as unknown:  # neither dead nor idle, for all that is known
                log.warning("specialist.not_seen", name=self.spec.name, reason=str(unknown))

    async def stop(self) -> None:
        await self.place.remove(self.container_id)

    async def _has_work(self) -> bool:
        ops = self.place.ops
        return await is_at_work(ops, self.spec.name) or await is_wanted(ops, self.spec)


def wished(specialist: Specialist, told: Mapping[str, str], image: str) -> Wish:
    """The container of a specialist.

    Raises:
        RosterRefused: It needs more than there is.
    """
    spec = specialist.spec
    if spec.memory_mb > _MOST_MB:
        raise RosterRefused(
            f"{spec.name} is to have {spec.memory_mb:,} MB; Scaleway's containers have at most {_MOST_MB:,}."
        )
    variables = _variables(specialist, told)
    if longest := [name for name, value in variables.items() if len(value.encode()) > _LONGEST_VARIABLE]:
        raise RosterRefused(
            f"{longest[0]} is longer than {_LONGEST_VARIABLE:,} bytes: Scaleway takes no more."
        )
    memory_mb = max(_LEAST_MB, spec.memory_mb)
    return Wish(
        name=name_of(spec.name),
        image=image,
        variables=variables,
        command=("python", "-m", "brain.seed"),
        port=PORT,
        memory_mb=memory_mb,
        mvcpu=min(_MOST_MVCPU, max(_LEAST_MVCPU, memory_mb // 2)),
        tags=("chief-of-staff", "specialist", f"settings-{_fingerprint(variables, image)}"),
    )


def name_of(name: str) -> str:
    """What the container is called."""
    whole = f"specialist-{name}"
    if len(whole) <= _LONGEST_NAME:
        return whole
    mark = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{whole[: _LONGEST_NAME - 9].rstrip('-')}-{mark}"


def is_reachable(ledger_url: str, api_url: str) -> bool:
    """Whether a container can come to this ledger: not to one that listens on this machine's loopback."""
    return urlsplit(ledger_url).hostname not in _LOOPBACK or urlsplit(api_url).hostname in _LOOPBACK


def _variables(specialist: Specialist, told: Mapping[str, str]) -> dict[str, str]:
    passed = {name: value for name, value in told.items() if name not in NOT_PASSED and value}
    own = {
        "COS_HOME": _HOME,
        "COS_BIND_HOST": "0.0.0.0",  # noqa: S104  (a container, which Scaleway asks whether it is well)
        "SEED_PORT": str(PORT),
        "SEED_SPECIALIST_IDLE_S": str(_NEVER_S),
        "SEED_SPECIALIST_JSON": msgspec.json.encode(specialist).decode(),
        "LOG_FORMAT": "json",
    }
    variables = variables_of(specialist, "", {**passed, **own})
    del variables["SEED_SPECIALIST"]
    return variables


def _fingerprint(variables: Mapping[str, str], image: str) -> str:
    """The same for the same settings; tells nothing about the secrets among them."""
    told = msgspec.json.encode([image, sorted(variables.items())])
    return hmac.new(variables["LEDGER_API_KEY"].encode(), told, hashlib.sha256).hexdigest()[:16]


def _tell_why(name: str, container: "Container | None") -> None:
    reason = "it was deleted" if container is None else container.error_message or "no reason given"
    log.warning("specialist.not_well", name=name, reason=reason)
