"""`cos restore`: from one file into an empty place, all of it or nothing, compared with what was saved."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import msgspec
from pydantic import SecretStr

from ledger import migrate
from ledger.artifacts.store import ArtifactStore
from ledger.engine import LedgerEngine
from ledger.events import rebase
from ops.backup import contents, database, files, under_way
from ops.backup.archive import Member, members
from ops.backup.saving import Tell
from ops.backup.sealing import Opener
from ops.backup.site import artifacts_of
from ops.embedded import places
from ops.embedded.postgres import EmbeddedPostgres
from ops.embedded.redis import EmbeddedRedis
from ops.errors import BackupUnusable
from ops.runstate import Home
from ops.settings import OpsSettings

_TAKEN = ("postgres", "redis", "artifacts", "keys.json")
_STAGING = "restoring"


class Restored(msgspec.Struct, frozen=True):
    """What came back."""

    made: str
    """When the backup was made."""
    version: str
    """Of the program that made it."""
    rows: int
    artifacts: int
    redis_keys: int
    settings: str | None
    """Where the former `.env` lies now."""


@dataclass
class _Found:
    """What the archive held so far."""

    about: contents.About | None = None
    summary: contents.Summary | None = None
    artifacts: dict[str, str] = field(default_factory=dict)
    redis_keys: int = 0


async def restore(
    settings: OpsSettings, told: Mapping[str, str], file: str, passphrase: SecretStr, tell: Tell
) -> Restored:
    """Bring back an installation into a COS_HOME, or a database and a Redis of one's own, that are empty.

    Raises:
        BackupUnusable: the place is not empty, the passphrase is wrong, the file is damaged, or what came
            back is not what was saved. The place is as it was.
        AlreadyRunning: something runs there.
    """
    home = places.private_directory(settings.place)
    with Home(home).held():
        _demand_empty(home)
        staging = places.private_directory(home / _STAGING)
        try:
            restored = await _into(staging, settings, told, file, passphrase, tell)
            for path in staging.iterdir():
                if path.name not in {"logs", "run"}:
                    path.replace(home / path.name)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    kept = home / "settings.env"
    return msgspec.structs.replace(restored, settings=str(kept) if kept.exists() else None)


async def verify(file: str, passphrase: SecretStr, tell: Tell) -> Restored:
    """Restore into an empty place that is thrown away again.

    Raises:
        BackupUnusable: it could not be restored.
    """
    with _passing_home() as home:
        settings = OpsSettings.model_validate({"home": home, "database_url": None, "redis_url": None})
        return await _into(home, settings, {}, file, passphrase, tell)


@contextmanager
def _passing_home() -> Iterator[Path]:
    home = Path(tempfile.mkdtemp(prefix="cos-verify-"))
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _demand_empty(home: Path) -> None:
    taken = [name for name in _TAKEN if (home / name).exists()]
    if taken:
        raise BackupUnusable(
            f"{home} holds an installation already ({', '.join(taken)}). A restore replaces nothing: "
            "move that folder away, or name an empty one with --home."
        )


async def _into(
    place: Path,
    settings: OpsSettings,
    told: Mapping[str, str],
    file: str,
    passphrase: SecretStr,
    tell: Tell,
) -> Restored:
    tell("checking the file")
    await _check(file, passphrase)
    async with AsyncExitStack() as stack:
        given = settings.database_url, settings.redis_url
        dsn = given[0].get_secret_value() if given[0] else None
        url = given[1].get_secret_value() if given[1] else None
        work = _Restoring(
            place=place,
            dsn=dsn or (await stack.enter_async_context(EmbeddedPostgres(place))).dsn,
            redis=url or (await stack.enter_async_context(EmbeddedRedis(place))).url,
            artifacts=artifacts_of(place, told),
            tell=tell,
        )
        try:
            await work.take(members(aiter(Opener(stack.enter_context(files.read(file)), passphrase))))
            return await work.settle()
        except BaseException:
            await work.undo()
            raise


async def _check(file: str, passphrase: SecretStr) -> None:
    """Open every chunk before anything is touched: a damaged file is known beforehand."""
    with files.read(file) as source:
        async for _ in Opener(source, passphrase):
            pass


@dataclass
class _Restoring:
    """One restore into stores that are reachable."""

    place: Path
    dsn: str
    redis: str
    artifacts: ArtifactStore
    tell: Tell
    found: _Found = field(default_factory=_Found)
    _began: bool = field(default=False, init=False)

    async def undo(self) -> None:
        """Empty the stores that were found empty, as far as they can be reached.

        Artifacts in a store elsewhere belong to no task then, and the ledger removes such by itself.
        """
        if self._began:
            with suppress(BackupUnusable, OSError, asyncpg.PostgresError):
                await database.empty(self.dsn)
        if self.found.redis_keys:
            with suppress(BackupUnusable):
                await under_way.remove(self.redis)

    async def take(self, archive: AsyncIterator[Member]) -> None:
        """Put every member where it belongs. Those of one store stand together."""
        waiting: list[Member] = []
        async for member in archive:
            waiting.append(member)
            while waiting:
                current = waiting.pop()
                if current.name.startswith(f"{contents.DATABASE}/"):
                    await self._database(current, archive, waiting)
                elif current.name.startswith(f"{contents.REDIS}/"):
                    await self._redis(current, archive, waiting)
                else:
                    await self._one(current)

    async def _database(self, first: Member, archive: AsyncIterator[Member], rest: list[Member]) -> None:
        self.tell("the database")
        connection = await database.connect(self.dsn)
        try:
            if await database.counts(connection):
                raise BackupUnusable("The database is not empty. Restore into an empty one.")
        finally:
            await connection.close(timeout=database.CONNECT_TIMEOUT_S)
        self._began = True
        await database.load(self.dsn, _joined(first, archive, rest))

    async def _redis(self, first: Member, archive: AsyncIterator[Member], rest: list[Member]) -> None:
        self.tell("what was under way")

        async def batches() -> AsyncIterator[list[under_way.Entry]]:
            async for member in _alike(first, archive, rest):
                yield msgspec.msgpack.decode(await member.read(), type=list[under_way.Entry])

        self.found.redis_keys = await under_way.put_back(self.redis, batches())

    async def _one(self, member: Member) -> None:
        name = member.name
        if name == contents.ABOUT:
            self.found.about = _understood(await member.read())
        elif name == contents.SUMMARY:
            self.found.summary = msgspec.json.decode(await member.read(), type=contents.Summary)
        elif name.startswith(contents.ARTIFACTS):
            await self._artifact(member)
        elif name in {contents.KEYS, contents.SETTINGS, contents.MISSES}:
            self._keep(name.removeprefix("home/"), await member.read())

    async def _artifact(self, member: Member) -> None:
        artifact_id = member.name.removeprefix(contents.ARTIFACTS)
        self.tell(f"artifact {len(self.found.artifacts) + 1}")
        stored = await self.artifacts.save(artifact_id, member.chunks())
        self.found.artifacts[artifact_id] = stored.sha256

    def _keep(self, name: str, content: bytes) -> None:
        path = self.place / name
        places.private_directory(path.parent)
        path.touch(mode=0o600)
        path.write_bytes(content)

    async def settle(self) -> Restored:
        """Bring what came back to this version, and compare it with what was saved.

        Raises:
            BackupUnusable: it is not the same.
        """
        about, summary = self.found.about, self.found.summary
        if about is None or summary is None:
            raise BackupUnusable("The backup has no beginning or no end.")
        self.tell("comparing")
        connection = await database.connect(self.dsn)
        try:
            rows = await database.counts(connection)
        finally:
            await connection.close(timeout=database.CONNECT_TIMEOUT_S)
        _compare(rows, self.found, summary)
        await migrate.forwards(self.dsn)
        async with LedgerEngine(self.dsn).opened(max_size=2) as engine:
            # Readers may hold cursors of events that were written after the backup.
            await rebase.leap(engine)
        return Restored(
            made=about.made,
            version=about.version,
            rows=sum(rows.values()),
            artifacts=len(self.found.artifacts),
            redis_keys=self.found.redis_keys,
            settings=None,
        )


def _understood(encoded: bytes) -> contents.About:
    about = msgspec.json.decode(encoded, type=contents.About)
    if about.format > contents.FORMAT:
        raise BackupUnusable(
            f"The backup was made by a newer version ({about.version}). Restore it with that one."
        )
    return about


def _compare(rows: Mapping[str, int], found: _Found, summary: contents.Summary) -> None:
    wrong = [name for name, number in summary.rows.items() if rows.get(name) != number]
    if wrong:
        raise BackupUnusable(
            f"Not everything came back: the tables {', '.join(wrong)} differ from what was saved."
        )
    if found.artifacts != summary.artifacts:
        differing = dict(found.artifacts.items() ^ summary.artifacts.items())
        raise BackupUnusable(
            f"Not everything came back: {len(differing)} artifacts differ from what was saved."
        )
    if found.redis_keys != summary.redis_keys:
        raise BackupUnusable("Not everything came back: Redis holds other keys than were saved.")


async def _joined(first: Member, archive: AsyncIterator[Member], rest: list[Member]) -> AsyncIterator[bytes]:
    """The bytes of all pieces of one thing."""
    async for member in _alike(first, archive, rest):
        async for chunk in member.chunks():
            yield chunk


async def _alike(first: Member, archive: AsyncIterator[Member], rest: list[Member]) -> AsyncIterator[Member]:
    """`first` and the members of its folder that follow; the one behind them goes into `rest`."""
    folder = first.name.partition("/")[0]
    yield first
    async for member in archive:
        if member.name.partition("/")[0] != folder:
            rest.append(member)
            return
        yield member
