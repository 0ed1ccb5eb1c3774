"""Where an installation keeps what a backup holds, and how to reach it whether it runs or not."""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from ledger.artifacts.store import ArtifactStore
from ops.embedded.postgres import EmbeddedPostgres
from ops.embedded.redis import EmbeddedRedis
from ops.errors import BackupUnusable
from ops.runstate import Home
from ops.settings import OpsSettings

LARGEST_ARTIFACT_BYTES = 10**12
"""What the ledger took once is not refused here."""


@dataclass(frozen=True)
class Site:
    """An installation's stores, reachable."""

    home: Path
    dsn: str
    redis: str
    artifacts: ArtifactStore


@asynccontextmanager
async def reached(settings: OpsSettings, told: Mapping[str, str]) -> AsyncIterator[Site]:
    """The stores of what runs over COS_HOME; what is embedded and does not run is started for it.

    Raises:
        BackupUnusable: there is no installation.
        AlreadyRunning: it is just being started.
    """
    offer_credentials(told)
    place = settings.place
    embedded = not settings.database_url
    if embedded and not (place / "postgres").exists():
        raise BackupUnusable(
            f"There is no installation in {place}. Name its folder with --home, or set DATABASE_URL."
        )
    async with AsyncExitStack() as stack:
        runs = Home(place).read() is not None
        if not runs and place.exists():
            stack.enter_context(Home(place).held())
        yield Site(
            home=place,
            dsn=await _database(settings, stack, runs=runs),
            redis=await _redis(settings, stack, runs=runs),
            artifacts=artifacts_of(place, told),
        )


def offer_credentials(told: Mapping[str, str]) -> None:
    """Object stores take theirs from the environment of the process, and `.env` may be where they stand."""
    for name, value in told.items():
        if name.startswith(("AWS_", "AZURE_STORAGE_", "GOOGLE_APPLICATION_CREDENTIALS")):
            os.environ.setdefault(name, value)


def artifacts_of(home: Path, told: Mapping[str, str]) -> ArtifactStore:
    """The ledger's store, as `LEDGER_ARTIFACTS` names it; its process runs in COS_HOME."""
    named = told.get("LEDGER_ARTIFACTS") or "artifacts"
    url = named if "://" in named else (home / Path(named).expanduser()).resolve().as_uri()
    return ArtifactStore(url, max_bytes=LARGEST_ARTIFACT_BYTES)


async def _database(settings: OpsSettings, stack: AsyncExitStack, *, runs: bool) -> str:
    if settings.database_url:
        return settings.database_url.get_secret_value()
    server = EmbeddedPostgres(settings.place)
    return server.attach().dsn if runs else (await stack.enter_async_context(server)).dsn


async def _redis(settings: OpsSettings, stack: AsyncExitStack, *, runs: bool) -> str:
    if settings.redis_url:
        return settings.redis_url.get_secret_value()
    server = EmbeddedRedis(settings.place)
    return server.attach().url if runs else (await stack.enter_async_context(server)).url
