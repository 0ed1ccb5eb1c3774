"""`cos backup`: from an installation into one file."""

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import msgspec
from pydantic import SecretStr

from ledger.errors import ArtifactNotFound
from ops.backup import contents, database, files, under_way
from ops.backup.archive import ArchiveWriter
from ops.backup.sealing import Sealer
from ops.backup.site import Site, reached
from ops.embedded import binaries
from ops.settings import OpsSettings

Tell = Callable[[str], None]
"""Takes what is being done, for the person who waits."""


class Saved(msgspec.Struct, frozen=True):
    """What `cos backup` wrote."""

    file: str
    size_bytes: int
    made: str
    rows: int
    artifacts: int
    missing: list[str]
    """Artifacts whose bytes were gone from the store already."""
    redis_keys: int


async def backup(
    settings: OpsSettings, told: Mapping[str, str], file: str, passphrase: SecretStr, tell: Tell
) -> Saved:
    """Write all of an installation into `file`, which appears only when it is whole.

    Args:
        settings: Which installation; it may run meanwhile.
        told: Its environment.
        file: A path, or the URL of an object; it must not exist.
        passphrase: At least ten characters.
        tell: Hears of the progress.

    Raises:
        BackupUnusable: something cannot be read or written; `file` is not there.
    """
    made = datetime.now(UTC).isoformat(timespec="seconds")
    async with reached(settings, told) as site:
        with files.written(file) as target:
            sealer = Sealer(target, passphrase, made=made)
            archive = ArchiveWriter(sealer.write)
            summary = await _fill(archive, site, made, tell)
            await archive.close()
            await sealer.close()
    return Saved(
        file=file,
        size_bytes=sealer.size_bytes,
        made=made,
        rows=sum(summary.rows.values()),
        artifacts=len(summary.artifacts),
        missing=summary.missing,
        redis_keys=summary.redis_keys,
    )


async def _fill(archive: ArchiveWriter, site: Site, made: str, tell: Tell) -> contents.Summary:
    about = contents.About(made, version("chief-of-staff"), binaries.find_postgres().major)
    await archive.add(contents.ABOUT, msgspec.json.encode(about))
    async with database.snapshot(site.dsn) as snapshot:
        tell("the database")
        await archive.split(contents.DATABASE, database.dump(site.dsn, snapshot))
    # Later than the database: what Redis holds refers to it, and not the other way round.
    tell("what is under way")
    keys = await _redis(archive, site.redis)
    await _home(archive, site.home)
    saved, missing = await _artifacts(archive, site, snapshot.artifacts, tell)
    summary = contents.Summary(snapshot.rows, saved, missing, keys)
    await archive.add(contents.SUMMARY, msgspec.json.encode(summary))
    return summary


async def _redis(archive: ArchiveWriter, url: str) -> int:
    number = total = 0
    async for batch in under_way.entries(url):
        await archive.add(f"{contents.REDIS}/{number:05}", msgspec.msgpack.encode(batch))
        number, total = number + 1, total + len(batch)
    return total


async def _home(archive: ArchiveWriter, home: Path) -> None:
    """Keys and settings; the `.env` is the one of the folder that the command runs in."""
    found = {
        contents.KEYS: home / "keys.json",
        contents.SETTINGS: Path(".env"),
        contents.MISSES: home / "chief" / "misses.jsonl",
    }
    for name, path in found.items():
        if path.is_file():
            await archive.add(name, path.read_bytes())


async def _artifacts(
    archive: ArchiveWriter, site: Site, wanted: list[database.Artifact], tell: Tell
) -> tuple[dict[str, str], list[str]]:
    saved, missing = {}, []
    for number, artifact in enumerate(wanted, start=1):
        tell(f"artifact {number} of {len(wanted)}")
        try:
            chunks: AsyncIterator[bytes] = await site.artifacts.stream(artifact.id)
        except ArtifactNotFound:
            missing.append(artifact.id)
            continue
        await archive.copy(contents.ARTIFACTS + artifact.id, artifact.size_bytes, chunks)
        saved[artifact.id] = artifact.sha256
    return saved, missing
