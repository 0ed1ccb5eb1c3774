"""Specialists in containers, by Docker's HTTP API over its unix socket; podman offers the same."""

import asyncio
import io
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import msgspec

from brain.seed.errors import RosterRefused
from brain.seed.specialists.runtimes import STOPS_WITHIN_S, Running, variables_of
from brain.seed.specialists.spec import Spec, Specialist

_FOLDER, _NAME = "/etc", "specialist.json"
_FILE = f"{_FOLDER}/{_NAME}"
_HOME = "/tmp/cos"  # noqa: S108  (inside of the container, whose /tmp is its own)
_CALL_S = 30.0
_PROCESSES = 256
_ONE_CPU = 1_000_000_000
NOT_PASSED = frozenset(
    {"PATH", "PYTHONPATH", "PYTHONPYCACHEPREFIX", "TMPDIR", "COS_HOME", "SEED_MCP_CONFIG"}
    | {"SSL_CERT_FILE", "SSL_CERT_DIR"}
)
"""Each names a place of this machine, which is not in a container."""


class _Created(msgspec.Struct):
    Id: str


class _Waited(msgspec.Struct):
    StatusCode: int


@dataclass(frozen=True)
class Containers:
    """Each specialist is a container: bounded in memory, processor and processes, without privileges.

    Attributes:
        told: Variables for all of them.
        socket: Where the engine listens.
        image: What they are made from; it has this package installed.
        network: Which they join, to reach the ledger; empty: the engine's own.
    """

    told: Mapping[str, str]
    socket: Path
    image: str
    network: str = ""

    async def start(self, specialist: Specialist, file: Path) -> Running:
        """As `Runtime.start`. What a former keeper left behind under this name goes first."""
        name = _name_of(specialist)
        await self.clear(specialist)
        async with self._engine() as engine:
            answer = await _asked(
                engine, "POST", "/containers/create", params={"name": name}, json=self._wish(specialist)
            )
            made = msgspec.json.decode(answer.content, type=_Created)
            # Not mounted: the roster's files are for their owner alone, and the image's user is another.
            packed = await asyncio.to_thread(_packed, file)
            await _asked(
                engine,
                "PUT",
                f"/containers/{made.Id}/archive",
                params={"path": _FOLDER},
                content=packed,
                headers={"Content-Type": "application/x-tar"},
            )
            await _asked(engine, "POST", f"/containers/{made.Id}/start")
        return _Container(self, made.Id)

    async def clear(self, specialist: Specialist) -> None:
        """As `Runtime.clear`."""
        async with self._engine() as engine:
            path = f"/containers/{_name_of(specialist)}"
            await _asked(engine, "DELETE", path, params={"force": "true"}, missing=True)

    def _wish(self, specialist: Specialist) -> dict[str, Any]:
        """The body of `containers/create`, as API version 1.40 has it."""
        told = {name: value for name, value in self.told.items() if name not in NOT_PASSED}
        variables = variables_of(specialist, _FILE, {**told, "COS_HOME": _HOME})
        return {
            "Image": self.image,
            "Entrypoint": ["python", "-m", "brain.seed"],
            "Env": [f"{name}={value}" for name, value in sorted(variables.items())],
            "Labels": {"chief-of-staff.specialist": specialist.spec.name},
            "HostConfig": {
                **({"NetworkMode": self.network} if self.network else {}),
                **_limits(specialist.spec),
            },
        }

    def _engine(self, timeout_s: float | None = _CALL_S) -> httpx.AsyncClient:
        transport = httpx.AsyncHTTPTransport(uds=str(self.socket))
        return httpx.AsyncClient(transport=transport, base_url="http://docker/v1.40", timeout=timeout_s)


def _name_of(specialist: Specialist) -> str:
    return f"cos-specialist-{specialist.spec.name}"


def _packed(file: Path) -> bytes:
    """The specialist's file as the archive that is put into its container, where nobody else is."""
    content, whole = file.read_bytes(), io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as archive:
        entry = tarfile.TarInfo(_NAME)
        entry.size, entry.mode = len(content), 0o444
        archive.addfile(entry, io.BytesIO(content))
    return whole.getvalue()


def _limits(spec: Spec) -> dict[str, Any]:
    return {
        "Memory": spec.memory_mb << 20,
        "MemorySwap": spec.memory_mb << 20,
        "NanoCpus": _ONE_CPU,
        "PidsLimit": _PROCESSES,
        "CapDrop": ["ALL"],
        "SecurityOpt": ["no-new-privileges"],
        "Init": True,
    }


@dataclass(frozen=True)
class _Container:
    containers: Containers
    container_id: str

    async def ended(self) -> int:
        async with self.containers._engine(None) as engine:
            answer = await _asked(engine, "POST", f"/containers/{self.container_id}/wait")
        return msgspec.json.decode(answer.content, type=_Waited).StatusCode

    async def stop(self) -> None:
        async with self.containers._engine() as engine:
            await _asked(
                engine,
                "POST",
                f"/containers/{self.container_id}/stop",
                params={"t": str(int(STOPS_WITHIN_S))},
                missing=True,
            )
            await _asked(
                engine, "DELETE", f"/containers/{self.container_id}", params={"force": "true"}, missing=True
            )


async def _asked(
    engine: httpx.AsyncClient, method: str, path: str, *, missing: bool = False, **more: Any
) -> httpx.Response:
    """One call.

    Args:
        engine: Open.
        method: HTTP's.
        path: Below the API's version.
        missing: Whether it is well when there is no such container.
        **more: As httpx takes them.

    Raises:
        RosterRefused: The engine is not there or refuses; the message says what it said.
    """
    try:
        answer = await engine.request(method, path, **more)
    except httpx.HTTPError as error:
        raise RosterRefused(
            f"No container engine answers ({type(error).__name__}). Is SEED_DOCKER_SOCKET right?"
        ) from error
    if answer.is_error and not (missing and answer.status_code == 404):
        raise RosterRefused(f"The container engine refused: {answer.text[:300].strip()}")
    return answer
