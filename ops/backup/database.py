"""The database through PostgreSQL's own tools: `pg_dump` and `pg_restore`, on one snapshot."""

import asyncio
import os
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

import asyncpg

from ops.embedded import binaries
from ops.errors import BackupUnusable, ProgramMissing

CONNECT_TIMEOUT_S = 10
_CHUNK_BYTES = 1 << 20
_OPTIONS = ("--no-owner", "--no-acl")
_TABLES = """SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
    AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1"""

_FUNCTIONS = """SELECT p.oid::regprocedure::text AS name FROM pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace AND NOT EXISTS (
        SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')"""


@dataclass(frozen=True)
class Artifact:
    """What the database says of one artifact."""

    id: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class Snapshot:
    """One moment of a database, held open."""

    name: str
    rows: dict[str, int]
    artifacts: list[Artifact]


async def connect(dsn: str) -> Any:
    """A connection.

    Raises:
        BackupUnusable: there is none to be had.
    """
    try:
        return await asyncpg.connect(dsn, timeout=CONNECT_TIMEOUT_S)
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        raise BackupUnusable(
            f"The database cannot be reached ({type(error).__name__}). `cos doctor` says more."
        ) from error


@asynccontextmanager
async def snapshot(dsn: str) -> AsyncIterator[Snapshot]:
    """Hold one moment, for `pg_dump` and for the counts alike."""
    connection = await connect(dsn)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            name = await connection.fetchval("SELECT pg_export_snapshot()")
            rows = await counts(connection)
            if "artifact" not in rows:
                raise BackupUnusable("This database has no ledger in it: there is nothing to back up.")
            found = await connection.fetch(
                "SELECT id::text AS id, size_bytes, sha256 FROM artifact ORDER BY id"
            )
            yield Snapshot(name, rows, [Artifact(**row) for row in found])
    finally:
        await connection.close(timeout=CONNECT_TIMEOUT_S)


async def counts(connection: Any) -> dict[str, int]:
    """Rows of every table."""
    names = [row["relname"] for row in await connection.fetch(_TABLES)]
    return {
        name: await connection.fetchval(f'SELECT count(*) FROM "{name}"')  # noqa: S608  # from the catalogue
        for name in names
    }


async def empty(dsn: str) -> None:
    """Remove every table and function of ours."""
    connection = await connect(dsn)
    try:
        for name in await counts(connection):
            await connection.execute(f'DROP TABLE IF EXISTS "{name}" CASCADE')
        for row in await connection.fetch(_FUNCTIONS):
            await connection.execute(f"DROP FUNCTION IF EXISTS {row['name']} CASCADE")
    finally:
        await connection.close(timeout=CONNECT_TIMEOUT_S)


async def dump(dsn: str, at: Snapshot) -> AsyncIterator[bytes]:
    """What `pg_dump` writes in its custom format.

    Raises:
        BackupUnusable: it failed; its last words are in the text.
        ProgramMissing: there is no `pg_dump`.
    """
    process = await _started(dsn, tool("pg_dump"), "--format=custom", f"--snapshot={at.name}", *_OPTIONS)
    assert process.stdout is not None  # noqa: S101  # it is always a pipe
    errors = asyncio.create_task(_all_of(process.stderr))
    try:
        while chunk := await process.stdout.read(_CHUNK_BYTES):
            yield chunk
        await _ended(process, errors, "pg_dump")
    finally:
        await _gone(process)


async def load(dsn: str, content: AsyncIterable[bytes]) -> None:
    """Give `content` to `pg_restore`; the database gets all of it, or nothing.

    Raises:
        BackupUnusable: it failed; its last words are in the text.
        ProgramMissing: there is no `pg_restore`.
    """
    options = ("--exit-on-error", "--single-transaction", *_OPTIONS)
    process = await _started(dsn, tool("pg_restore"), *options)
    assert process.stdin is not None  # noqa: S101  # it is always a pipe
    errors = asyncio.create_task(_all_of(process.stderr))
    try:
        with suppress(BrokenPipeError, ConnectionResetError):  # it says itself why it ended
            async for chunk in content:
                process.stdin.write(chunk)
                await process.stdin.drain()
            process.stdin.close()
        await _ended(process, errors, "pg_restore")
    finally:
        await _gone(process)


def tool(name: str) -> Path:
    """A program beside the PostgreSQL that is used here.

    Raises:
        ProgramMissing: it is not installed.
    """
    path = binaries.find_postgres().directory / name
    if not os.access(path, os.X_OK):
        raise ProgramMissing(
            f"{name} is not installed. Install one package: apt-get install postgresql-client"
        )
    return path


async def _started(dsn: str, program: Path, *options: str) -> asyncio.subprocess.Process:
    address, password = without_password(dsn)
    return await asyncio.create_subprocess_exec(
        program, *options, f"--dbname={address}",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env={"PGPASSWORD": password, "LC_ALL": "C", "PATH": os.defpath, "PGCONNECT_TIMEOUT": "10"},
    )  # fmt: skip


def without_password(dsn: str) -> tuple[str, str]:
    """The address, and the password apart: a command line can be read by every user."""
    parts = urlsplit(dsn)
    user, at, host = parts.netloc.rpartition("@")
    name, _, password = user.partition(":")
    return urlunsplit(parts._replace(netloc=f"{name}{at}{host}")), unquote(password)


async def _all_of(stream: asyncio.StreamReader | None) -> str:
    return (await stream.read()).decode(errors="replace") if stream else ""


async def _ended(process: asyncio.subprocess.Process, errors: "asyncio.Task[str]", name: str) -> None:
    said = (await errors).strip()
    if await process.wait() != 0:
        raise BackupUnusable(f"{name} failed:\n" + "\n".join(said.splitlines()[-8:]))


async def _gone(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.kill()
        await process.wait()
