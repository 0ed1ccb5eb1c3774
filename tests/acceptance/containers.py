"""The parts as containers, started from their images with what `ops/docker/compose.yml` says of them.

COS_TEST_ENGINE is what runs containers, with its own options; without it, docker or podman, if one works.
COS_TEST_RUN_OPTIONS are more options for each `run`, for engines with less rights than usual. Images are
built first; COS_TEST_IMAGES takes those that are there, from `ops/docker/without-registry.sh` for one. In a
virtual machine without systemd, after that script:

    COS_TEST_IMAGES=1
    COS_TEST_ENGINE="podman --root …/images --runroot …/run --cgroup-manager cgroupfs --runtime runc"
    COS_TEST_RUN_OPTIONS="--ulimit nofile=1024:20000 --ulimit nproc=1024:1024 --no-healthcheck"
"""

import asyncio
import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx
import yaml

from tests.acceptance.stack import ROOT
from tests.waiting import eventually

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "ops/docker/compose.yml").read_text())["services"]
PARTS = ("ledger", "chief", "seed", "gateway", "ui")
_USED_PORTS = {"ledger": 8700, "chief": 8701, "gateway": 8702, "ui": 8703}


def engine() -> list[str] | None:
    """The command of an engine that works here."""
    if told := os.environ.get("COS_TEST_ENGINE"):
        return shlex.split(told)
    for name in ("docker", "podman"):
        if shutil.which(name):
            asked = subprocess.run([name, "info"], capture_output=True, check=False, timeout=30)
            if asked.returncode == 0:
                return [name]
    return None


@dataclass
class Containers:
    """All parts over one database and one Redis, each a container in the network of this machine."""

    engine: list[str]
    name: str
    base_port: int
    settings: Mapping[str, str]
    """What a person's `.env` holds."""
    more: Mapping[str, str] = field(default_factory=dict)
    """What only a test says, to every part."""

    def url(self, part: str) -> str:
        """Where a part listens."""
        return f"http://127.0.0.1:{self.base_port + _USED_PORTS[part] - 8700}"

    async def build(self) -> None:
        """Each part's image from this working tree, unless there is nothing to build from."""
        if os.environ.get("COS_TEST_IMAGES"):
            return
        for part in PARTS:
            what = ["--file", str(ROOT / "ops/docker/Dockerfile"), "--target", part, "--tag", _image(part)]
            await self.do("build", *what, str(ROOT))

    async def start(self) -> None:
        """Start every part and wait until those that listen are ready."""
        for part in PARTS:
            await self.do(
                "run", "--detach", "--name", self._container(part), *self._options(part), _image(part)
            )
        for part in _USED_PORTS:
            await eventually(partial(self._ready, part), timeout_s=120, every_s=0.5)

    async def kill(self) -> None:
        """`kill -9` for all, and nothing left of them: no container, no volume."""
        for part in PARTS:
            await self.do("rm", "--force", "--time", "0", "--volumes", self._container(part), check=False)
            await self.do("volume", "rm", "--force", self._volume(part), check=False)

    async def in_part(self, part: str, *words: str, **more: str) -> str:
        """Run a command in a part's container; what it prints."""
        told = [word for name, value in more.items() for word in ("--env", f"{name}={value}")]
        return await self.do("exec", *told, self._container(part), *words)

    async def once(self, part: str, *words: str, mount: str, **more: str) -> str:
        """Run a command in a new container of a part's image, with its settings and its volume."""
        told = [word for name, value in more.items() for word in ("--env", f"{name}={value}")]
        options = [*self._options(part), *told, "--volume", mount, "--entrypoint", words[0]]
        return await self.do("run", "--rm", *options, _image(part), *words[1:])

    async def health(self, part: str) -> bool:
        """Whether the health check that the image brings says that it is well, at the port used here."""
        found = json.loads(await self.do("image", "inspect", _image(part)))[0]
        check = found["Config"].get("Healthcheck") or found["Healthcheck"]
        command = check["Test"][1:]
        if part in _USED_PORTS:
            command = [re.sub(r"http://[^/]+", self.url(part), word) for word in command]
        return "failed" not in await self.do("exec", self._container(part), *command, check=False)

    async def log(self, part: str) -> str:
        """What a part wrote so far."""
        return await self.do("logs", self._container(part), check=False)

    async def do(self, *words: str, check: bool = True) -> str:
        """One command of the engine; what it prints, or `failed` and why."""
        process = await asyncio.create_subprocess_exec(
            *self.engine, *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        out, err = await process.communicate()
        if process.returncode:
            assert not check, f"{words[0]} {words[-1]}: {err.decode()[-2000:]}{out.decode()[-2000:]}"
            return f"failed: {err.decode()}"
        return out.decode() + (err.decode() if words[0] == "logs" else "")

    async def _ready(self, part: str) -> bool:
        try:
            async with httpx.AsyncClient(timeout=5) as http:
                return (await http.get(f"{self.url(part)}/health/ready")).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    def _options(self, part: str) -> list[str]:
        service = COMPOSE[part]
        options = ["--network", "host", *shlex.split(os.environ.get("COS_TEST_RUN_OPTIONS", ""))]
        options += ["--read-only"] if service["read_only"] else []
        options += ["--init"] if service["init"] else []
        options += [f"--tmpfs={one}" for one in service["tmpfs"]]
        options += [f"--cap-drop={one}" for one in service["cap_drop"]]
        options += [f"--security-opt={one}" for one in service["security_opt"]]
        options += [f"--volume={self._volume(part)}:{one.partition(':')[2]}" for one in service["volumes"]]
        return options + [f"--env={name}={value}" for name, value in self._environment(part).items()]

    def _environment(self, part: str) -> dict[str, str]:
        told = {name: self._filled(str(value)) for name, value in COMPOSE[part]["environment"].items()}
        ports = {f"{name.upper()}_PORT": self.url(name).rpartition(":")[2] for name in _USED_PORTS}
        return {**told, **ports, "COS_BIND_HOST": "127.0.0.1", **self.more}

    def _filled(self, value: str) -> str:
        """As compose fills it in, with the services where they are here."""
        filled = re.sub(
            r"\$\{(\w+)(?::[-?]([^}]*))?\}",
            lambda found: self.settings.get(found[1], found[2] if ":-" in found[0] else ""),
            value,
        )
        for part, port in _USED_PORTS.items():
            filled = filled.replace(f"http://{part}:{port}", self.url(part))
        return filled

    def _container(self, part: str) -> str:
        return f"{self.name}-{part}"

    def _volume(self, part: str) -> str:
        return f"{self.name}-{part}"


def _image(part: str) -> str:
    return str(COMPOSE[part]["image"])
