"""PostgreSQL as a child process: data in `COS_HOME/postgres`, one private unix socket, no TCP."""

import asyncio
import json
import os
import secrets
import shutil
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import asyncpg
import psutil

from ops.embedded import binaries, places, processes
from ops.embedded.identity import Identity, Mode, unprivileged
from ops.errors import DataUnusable, StartFailed

DATABASE = "cos"
ROLE = "cos"
SUPERUSER = "postgres"
_ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": os.defpath}
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "64MB",
    "max_connections": "100",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "off",
    "log_line_prefix": "%m [%p] ",
}


class EmbeddedPostgres:
    """One server over one data directory. Restarting it after a crash is `start()` again.

    The superuser's password and the application's lie in `home/postgres.json` (0600). The application's
    role owns its database and is no superuser, so that SQL can never read files.
    """

    name = "postgres"

    def __init__(self, home: Path, *, settings: Mapping[str, str] | None = None, start_timeout_s: float = 60):
        """Nothing is touched before `start()`.

        Args:
            home: COS_HOME.
            settings: More of PostgreSQL's own settings, by name.
            start_timeout_s: Longest wait for readiness; a recovery that makes progress may take it all.
        """
        self._home = home.absolute()
        self._data = self._home / "postgres"
        self._log = self._home / "logs" / "postgres.log"
        self._settings = {**_SETTINGS, "cluster_name": f"cos-{places.mark(home)}", **(settings or {})}
        self._start_timeout_s = start_timeout_s
        self._process: asyncio.subprocess.Process | None = None
        self._sockets = Path()
        self._passwords: dict[str, str] = {}

    @property
    def pid(self) -> int:
        """Of the postmaster; raises RuntimeError before `start()`."""
        return self._running().pid

    @property
    def dsn(self) -> str:
        """For the application: role and database `cos`."""
        return self.dsn_of(DATABASE)

    def dsn_of(self, database: str, *, role: str = ROLE) -> str:
        """For another database of this server, as `role` (`cos`, or the superuser `postgres`)."""
        return f"postgresql://{role}:{self._passwords[role]}@/{database}?host={self._sockets}"

    async def __aenter__(self) -> Self:
        """Start and wait for readiness."""
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop; connections are closed by the server."""
        await self.stop()

    def attach(self) -> Self:
        """Take the address of the server that runs over this home already, which another process started.

        Raises:
            DataUnusable: the passwords of its data are lost.
        """
        self._passwords = self._read_passwords(may_make=False)
        self._sockets = places.socket_directory(self._home) / "postgres"
        return self

    async def start(self) -> None:
        """Clear what an earlier server left, make the cluster if there is none, start, wait.

        Raises:
            ProgramMissing: no PostgreSQL, or not of the data's version.
            DataUnusable: the data belongs to another user.
            StartFailed: it ended, or was not ready in time; its log's tail is in the text.
        """
        places.private_directory(self._home)
        places.private_directory(self._log.parent)
        version = _written_by(self._data)
        self._passwords = self._read_passwords(may_make=version is None)
        programs = await asyncio.to_thread(binaries.find_postgres, major=version)
        identity = unprivileged(self._data, programs.postgres)
        await self._clear_left_overs()
        if version is None:
            await self._make_cluster(programs, identity)
        own(self._data, identity)
        self._sockets = places.socket_directory(self._home) / "postgres"
        self._sockets.mkdir(mode=0o700, exist_ok=True)
        own(self._sockets, identity)
        place = ["-D", str(self._data), "-k", str(self._sockets)]
        self._process = await self._spawn([programs.postgres, *place, *self._options()], identity)
        try:
            await self._wait_until_ready()
        except BaseException:
            await self.stop()
            raise

    async def wait(self) -> int:
        """Until the server ends, for whatever reason; its exit code."""
        return await self._running().wait()

    async def stop(self) -> None:
        """Stop, in under 2 s (open transactions are rolled back); harmless when not running."""
        if self._process is not None:
            # SIGINT: "fast shutdown"; SIGQUIT: "immediate", which the next start recovers from.
            await processes.stop(self._process, (signal.SIGINT, 1.5), (signal.SIGQUIT, 0.3))

    def _read_passwords(self, *, may_make: bool) -> dict[str, str]:
        path = self._home / "postgres.json"
        if not path.exists():
            if not may_make:
                raise self._lost_passwords()
            _write_private(path, json.dumps({role: secrets.token_urlsafe(32) for role in (SUPERUSER, ROLE)}))
        passwords: dict[str, str] = json.loads(path.read_text())
        return passwords

    def _lost_passwords(self) -> DataUnusable:
        return DataUnusable(
            f"{self._home / 'postgres.json'} does not hold the passwords of {self._data}. "
            "Put the file back that belongs to this data, or choose another COS_HOME."
        )

    def _running(self) -> asyncio.subprocess.Process:
        if self._process is None:
            raise RuntimeError("not started")
        return self._process

    def _options(self) -> list[str]:
        return [word for name, value in self._settings.items() for word in ("-c", f"{name}={value}")]

    async def _spawn(self, command: Sequence[str | Path], identity: Identity) -> asyncio.subprocess.Process:
        return await processes.spawn(
            command,
            directory=Path("/"),
            log=self._log,
            environment=_ENVIRONMENT,
            leash=processes.Leash(signal.SIGINT, identity),
        )

    async def _make_cluster(self, programs: binaries.PostgresPrograms, identity: Identity) -> None:
        """Make it beside its place and move it there, so that a half-made one is never taken for whole."""
        unfinished = self._home / "postgres.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        own(unfinished, identity)
        password = self._home / "postgres.password"
        _write_private(password, self._passwords[SUPERUSER])
        try:
            options = ["-D", str(unfinished), "-U", SUPERUSER, f"--pwfile={password}", "--auth=scram-sha-256"]
            made = await self._spawn([programs.initdb, *options, *_locale(programs.major)], identity)
            try:
                code = await made.wait()
            finally:
                await processes.stop(made, (signal.SIGINT, 1.0))
            if code != 0:
                raise StartFailed(
                    f"PostgreSQL's initdb failed. {_hint(identity)}\n{processes.tail(self._log)}"
                )
        finally:
            password.unlink()
        if self._data.exists():
            self._data.rmdir()
        unfinished.rename(self._data)

    async def _wait_until_ready(self) -> None:
        try:
            async with asyncio.timeout(self._start_timeout_s):
                while not await self._prepared():
                    if self._running().returncode is not None:
                        raise StartFailed(f"PostgreSQL did not start:\n{processes.tail(self._log)}")
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise StartFailed(
                f"PostgreSQL was not ready after {self._start_timeout_s:.0f} s:\n{processes.tail(self._log)}"
            ) from None

    async def _prepared(self) -> bool:
        """Log in as the superuser and see to the application's role and database; False: not up yet."""
        try:
            connection = await asyncpg.connect(self.dsn_of("postgres", role=SUPERUSER), timeout=5)
        except (OSError, TimeoutError, asyncpg.CannotConnectNowError, asyncpg.ConnectionDoesNotExistError):
            return False
        except asyncpg.InvalidPasswordError as error:
            raise self._lost_passwords() from error
        try:
            if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", ROLE):
                await connection.execute(f"CREATE ROLE {ROLE} LOGIN PASSWORD '{self._passwords[ROLE]}'")
            if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", DATABASE):
                await connection.execute(f"CREATE DATABASE {DATABASE} OWNER {ROLE}")
        finally:
            await connection.close()
        return True

    async def _clear_left_overs(self) -> None:
        """Stop a server, or backends without one, that still work on this data; drop a stale pid file.

        They are known by their command line, which can be read under every user, and not by the pid file,
        whose number may be another program's by now.
        """
        if not (self._data / "postmaster.pid").exists():
            return
        data, title = str(self._data), f"postgres: {self._settings['cluster_name']}: "

        def belongs(process: psutil.Process) -> bool:
            words = process.cmdline()
            return data in words or " ".join(words).startswith(title)

        def ask(process: psutil.Process) -> signal.Signals:
            return signal.SIGINT if data in process.cmdline() else signal.SIGTERM

        await processes.clear(lambda: processes.find(frozenset({"postgres"}), belongs), ask)
        (self._data / "postmaster.pid").unlink(missing_ok=True)


def own(directory: Path, identity: Identity) -> None:
    """See that `directory`, with all in it, belongs to the user of the server.

    Raises:
        DataUnusable: it does not, and only root could change that.
    """
    wanted = identity.owner
    if (directory.stat().st_uid, directory.stat().st_gid) == wanted:
        return
    if identity.mode is Mode.SELF:
        if directory.stat().st_uid == wanted[0]:
            return
        raise DataUnusable(
            f"{directory} belongs to user id {directory.stat().st_uid}, and you are {wanted[0]}. It was made "
            "under another user: run as that one, or choose another COS_HOME."
        )
    for path in (*directory.rglob("*"), directory):
        os.lchown(path, *wanted)


def _hint(identity: Identity) -> str:
    if identity.mode is Mode.NAMESPACE:
        return (
            "It refuses to run as root, and this container allows neither to change the user nor a user "
            "namespace: run as an ordinary user, or point DATABASE_URL to a server."
        )
    return "Its log says:"


def _written_by(data: Path) -> int | None:
    """The major version that wrote the data, or None if there is none yet."""
    try:
        return int((data / "PG_VERSION").read_text())
    except FileNotFoundError:
        return None
    except PermissionError:
        raise DataUnusable(
            f"{data} may not be read. It was made under another user: run as that one, "
            "or choose another COS_HOME."
        ) from None


def _locale(major: int) -> list[str]:
    """Bytewise order and Unicode case where PostgreSQL brings its own locale; no locale of the system's."""
    if major >= 17:
        return ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    return ["--encoding=UTF8", "--locale=C"]


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
