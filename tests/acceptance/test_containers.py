"""From images alone: the CSV job on Telegram; all of it killed, restored, the history still there."""

import asyncio
import os
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
import pytest_asyncio
from redis.asyncio import Redis

from agentops import AgentOpsClient
from ops.embedded import binaries
from ops.embedded.postgres import SUPERUSER, EmbeddedPostgres
from tests.acceptance.containers import PARTS, Containers, engine
from tests.acceptance.stack import ROOT
from tests.botapi import BotApiServer
from tests.ports import free_base_port, free_port
from tests.waiting import eventually

pytestmark = [pytest.mark.long, pytest.mark.timeout(3600), pytest.mark.asyncio(loop_scope="module")]

CSV = ROOT / "docs/examples/coffee-sales.csv"
ADA = 424242


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def postgres(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedPostgres]:
    """A PostgreSQL that containers reach; what stands for the composition's own image."""
    port = str(free_port())
    os.environ["PGPORT"] = port
    settings = {"listen_addresses": "127.0.0.1", "port": port}
    async with EmbeddedPostgres(tmp_path_factory.mktemp("pg") / "home", settings=settings) as server:
        yield server
    del os.environ["PGPORT"]


@asynccontextmanager
async def redis_over_tcp(folder: Path) -> AsyncIterator[str]:
    """The same for Redis, with the composition's settings."""
    port, password = free_port(), secrets.token_hex(16)
    words = ["--port", str(port), "--bind", "127.0.0.1", "--requirepass", password, "--dir", str(folder)]
    durable = ["--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction"]
    process = await asyncio.create_subprocess_exec(
        str(binaries.find_redis()), *words, *durable, stdout=asyncio.subprocess.DEVNULL
    )
    await eventually(lambda: _listens(port))
    try:
        yield f"redis://:{password}@127.0.0.1:{port}/0"
    finally:
        process.terminate()
        await process.wait()


async def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def over(postgres: EmbeddedPostgres, database: str) -> str:
    """The URL of a database, by TCP."""
    return f"postgresql://cos:{urlsplit(postgres.dsn).password}@127.0.0.1:{os.environ['PGPORT']}/{database}"


async def test_from_images_to_a_restored_history(
    postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory
) -> None:
    running = engine()
    if running is None:
        pytest.skip("needs an engine that runs containers: docker, podman, or COS_TEST_ENGINE")
    home = tmp_path_factory.mktemp("containers")
    (home / "first").mkdir()
    (home / "second").mkdir()
    keys = {f"LEDGER_BOOTSTRAP_{scope}_KEY": secrets.token_hex(32) for scope in ("ADMIN", "AGENT", "READER")}
    async with BotApiServer() as telegram, redis_over_tcp(home / "first") as redis:
        ada = telegram.person("Ada", ADA)
        stack = Containers(
            engine=running,
            name=f"cos-test-{secrets.token_hex(3)}",
            base_port=free_base_port(),
            settings={
                **keys,
                "UI_STORAGE_SECRET": secrets.token_hex(32),
                "TELEGRAM_BOT_TOKEN": telegram.token,
                "TELEGRAM_ALLOWED_USERS": str(ADA),
                "COS_MODEL": "offline",
            },
            more={
                "DATABASE_URL": over(postgres, "cos"),
                "REDIS_URL": redis,
                "TELEGRAM_API_BASE": telegram.base_url,
            },
        )
        try:
            await stack.build()
            await stack.start()
            await the_images_are_locked_down(stack)
            await ada.sends_document(
                CSV.read_bytes(),
                CSV.name,
                "create a task to analyse this file, high priority",
                media_type="text/csv",
            )
            told = await telegram.wait_for(lambda sent: sent.method == "sendPhoto", timeout_s=120)
            assert told.files[0].content.startswith(b"\x89PNG\r\n")
            backup = await backed_up(stack, home)
            before = await history(stack, keys)
            await stack.kill()

            admin = await asyncpg.connect(postgres.dsn_of("postgres", role=SUPERUSER))
            await admin.execute("CREATE DATABASE restored OWNER cos")
            await admin.execute("DROP DATABASE cos WITH (FORCE)")
            await admin.close()
            async with Redis.from_url(redis) as client:
                await client.flushall()

            again = replace(stack, more={**stack.more, "DATABASE_URL": over(postgres, "restored")})
            await restored(again, backup)
            await again.start()
            assert await history(again, keys) == before
            await ada.says("What is going on?")
            answer = await telegram.wait_for(lambda sent: "1 done" in sent.text, timeout_s=60)
            assert "Analyse coffee-sales.csv" in answer.text
        except BaseException:
            for part in PARTS:
                print(f"--- {part}\n{(await stack.log(part))[-3000:]}")  # noqa: T201
            raise
        finally:
            await stack.kill()


async def the_images_are_locked_down(stack: Containers) -> None:
    """Not root, no rights, nothing to write to but /data and /tmp, and well by their own health checks."""
    for part in PARTS:
        said = await stack.in_part(part, "python", "-c", LOOK)
        assert said.split() == ["10001", "0000000000000000", "read-only", "True", "True"], (part, said)
        await eventually(partial(stack.health, part), timeout_s=60, every_s=1)


LOOK = """
import os, pathlib
print(os.getuid())
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("CapEff")))
try:
    pathlib.Path("/opt/cos/x").touch()
except OSError as error:
    print("read-only" if error.errno in (13, 30) else error)
for place in ("/data", "/tmp"):
    print(os.access(place, os.W_OK))
"""


async def backed_up(stack: Containers, home: Path) -> Path:
    """What `cos backup` in the ledger's container wrote, on this machine."""
    await stack.in_part("ledger", "cos", "backup", "/data/one.cosbackup", COS_BACKUP_PASSPHRASE="of the test")
    file = home / "backup" / "one.cosbackup"
    file.parent.mkdir()
    await stack.do("cp", f"{stack.name}-ledger:/data/one.cosbackup", str(file))
    file.chmod(0o644)
    for folder in (file.parent, home, home.parent):
        folder.chmod(0o755)
    return file


async def restored(stack: Containers, backup: Path) -> None:
    """Into an empty database, an empty Redis and an empty volume."""
    await stack.once(
        "ledger",
        "cos", "restore", f"/backup/{backup.name}",
        mount=f"{backup.parent}:/backup:ro",
        COS_BACKUP_PASSPHRASE="of the test",
    )  # fmt: skip


async def history(stack: Containers, keys: dict[str, str]) -> tuple[object, ...]:
    """What must not be lost: tasks, what was made, what was said."""
    async with AgentOpsClient(url=stack.url("ledger"), api_key=keys["LEDGER_BOOTSTRAP_ADMIN_KEY"]) as ops:
        (task,) = (await ops.list_tasks()).items
        artifacts = await ops.list_artifacts(task.id)
        contents = [await ops.download(artifact.id) for artifact in artifacts]
        turns = (await ops.list_turns("main")).items
    said = [(turn.role, turn.text) for turn in turns]
    return task.id, task.status, [one.sha256 for one in artifacts], [len(one) for one in contents], said
