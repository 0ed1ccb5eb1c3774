"""The machine: Python, the folder of the data, room on the disk, the server programs, the ports."""

import asyncio
import os
import platform
import shutil
import sys
from pathlib import Path

from ops import ports
from ops.doctor.findings import Finding, Ground, bad, good, hint, off
from ops.embedded import binaries
from ops.errors import PortTaken, ProgramMissing
from ops.settings import PORTS

AREA = "machine"
LEAST_FREE_GB = 1.0
COMFORTABLE_FREE_GB = 5.0


async def check(ground: Ground) -> list[Finding]:
    """Starts no server."""
    place = ground.settings.place
    return [
        good(AREA, "python", f"{platform.python_version()} on {sys.platform} {platform.machine()}"),
        *_folder(place),
        _room(place),
        await asyncio.to_thread(_postgres, ground),
        await asyncio.to_thread(_redis, ground),
        await asyncio.to_thread(_ports, ground),
    ]


def _folder(place: Path) -> list[Finding]:
    there = next(path for path in (place, *place.parents) if path.exists())
    if not os.access(there, os.W_OK | os.X_OK):
        return [
            bad(AREA, "data", f"{there} may not be written to", "Choose another COS_HOME, or make it yours.")
        ]
    if there != place:
        return [good(AREA, "data", f"{place}, made at the first start")]
    if place.stat().st_mode & 0o077:
        return [hint(AREA, "data", f"{place} can be entered by others", f"chmod 700 {place}")]
    return [good(AREA, "data", f"{place}, yours alone")]


def _room(place: Path) -> Finding:
    there = next(path for path in (place, *place.parents) if path.exists())
    free_gb = shutil.disk_usage(there).free / 1e9
    said = f"{free_gb:.1f} GB free"
    if free_gb < LEAST_FREE_GB:
        return bad(AREA, "disk", said, "Make room: a full disk stops PostgreSQL. Or move COS_HOME.")
    if free_gb < COMFORTABLE_FREE_GB:
        return hint(AREA, "disk", said, "Artifacts and backups will fill it; make room soon.")
    return good(AREA, "disk", said)


def _postgres(ground: Ground) -> Finding:
    if ground.settings.database_url:
        return off(AREA, "postgresql", "DATABASE_URL names one")
    try:
        found = binaries.find_postgres()
    except ProgramMissing as missing:
        return bad(AREA, "postgresql", "no server program", str(missing))
    return good(AREA, "postgresql", f"version {found.major} in {found.directory}")


def _redis(ground: Ground) -> Finding:
    if ground.settings.redis_url:
        return off(AREA, "redis", "REDIS_URL names one")
    try:
        return good(AREA, "redis", str(binaries.find_redis()))
    except ProgramMissing as missing:
        return bad(AREA, "redis", "no server program", str(missing))


def _ports(ground: Ground) -> Finding:
    numbers = {part: ground.settings.port(part) for part in PORTS}
    if ground.state is not None:
        return good(AREA, "ports", "in use by this installation")
    try:
        ports.demand_free(ground.settings.bind_host, numbers)
    except PortTaken as taken:
        return bad(AREA, "ports", str(taken).partition(". ")[0], str(taken).partition(". ")[2])
    return good(AREA, "ports", f"{', '.join(map(str, numbers.values()))} are free")
