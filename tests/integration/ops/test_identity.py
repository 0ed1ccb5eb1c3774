"""PostgreSQL refuses root; the embedded one runs all the same, under whatever user and rights there are."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from signal import SIGTERM

import pytest

from ops.embedded.identity import CAP_DAC_READ_SEARCH, CAP_SETUID, Identity, Mode, open_to_all, unprivileged
from ops.embedded.processes import Leash

NOBODY = 65534
ROOT = Path(__file__).resolve().parents[3]
pytestmark = [
    pytest.mark.skipif(
        os.geteuid() != 0 or sys.platform != "linux", reason="needs root on Linux to become other users"
    ),
    pytest.mark.skipif(not open_to_all(ROOT), reason="other users may not enter where this clone lies"),
]

PROBE = """
import asyncio, json, os, sys
from pathlib import Path
import asyncpg, psutil
from ops.embedded.postgres import EmbeddedPostgres

async def main(home):
    async with EmbeddedPostgres(home) as server:
        connection = await asyncpg.connect(server.dsn)
        await connection.execute("CREATE TABLE IF NOT EXISTS kept (x int)")
        await connection.execute("INSERT INTO kept VALUES (1)")
        rows = await connection.fetchval("SELECT count(*) FROM kept")
        await connection.close()
        print(json.dumps({"rows": rows, "uid": psutil.Process(server.pid).uids().real,
                          "owner": (home / "postgres").stat().st_uid}))

asyncio.run(main(Path(sys.argv[1])))
"""

WITHOUT_CAPABILITIES = """
import ctypes, os, sys
for capability in map(int, sys.argv[1].split(",")):
    assert ctypes.CDLL(None).prctl(24, capability, 0, 0, 0) == 0  # PR_CAPBSET_DROP
os.execv(sys.argv[2], sys.argv[2:])
"""


def start_and_stop(home: Path, *before: str) -> dict[str, int]:
    """Start a server in a process of its own, add a row, stop; `before` is put in front of the command."""
    command = [*before, sys.executable, "-c", PROBE, str(home)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        command, env=environment, cwd="/", capture_output=True, text=True, timeout=90, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, int] = json.loads(done.stdout)
    return found


def without(*capabilities: int) -> list[str]:
    """The start of a command that goes on without some of root's rights, as in a container."""
    return [sys.executable, "-c", WITHOUT_CAPABILITIES, ",".join(map(str, capabilities))]


def as_nobody() -> list[str]:
    """The start of a command that goes on as an ordinary user, who may read where this tree lies."""
    identity = Identity(Mode.USER, NOBODY, NOBODY, CAP_DAC_READ_SEARCH)
    return Leash(SIGTERM, identity).wrap([])


def test_an_ordinary_user_runs_it_as_oneself(home: Path) -> None:
    home.mkdir(mode=0o700)
    os.chown(home, NOBODY, NOBODY)
    home.parent.chmod(0o755)
    assert start_and_stop(home, *as_nobody()) == {"rows": 1, "uid": NOBODY, "owner": NOBODY}


def test_without_the_right_to_pass_by_reading_it_passes_by_overriding(home: Path) -> None:
    assert start_and_stop(home, *without(CAP_DAC_READ_SEARCH)) == {"rows": 1, "uid": NOBODY, "owner": NOBODY}


@pytest.mark.skipif(
    Path("/proc/sys/user/max_user_namespaces").read_text().strip() == "0", reason="no user namespaces here"
)
def test_root_that_may_not_change_the_user_uses_a_namespace(home: Path) -> None:
    assert start_and_stop(home, *without(CAP_SETUID)) == {"rows": 1, "uid": 0, "owner": 0}
    assert start_and_stop(home, *without(CAP_SETUID))["rows"] == 2


def test_root_hands_the_server_to_an_unprivileged_user_and_data_moves_between_the_ways(home: Path) -> None:
    assert start_and_stop(home) == {"rows": 1, "uid": NOBODY, "owner": NOBODY}
    assert start_and_stop(home, *without(CAP_SETUID)) == {"rows": 2, "uid": 0, "owner": 0}
    assert start_and_stop(home) == {"rows": 3, "uid": NOBODY, "owner": NOBODY}


def test_it_works_where_only_root_may_enter(home: Path) -> None:
    home.parent.chmod(0o700)
    assert start_and_stop(home / "private" / "home")["uid"] == NOBODY


@pytest.mark.parametrize(("mode", "way"), [(0o755, Mode.USER), (0o700, Mode.NAMESPACE)])
def test_programs_where_only_root_may_enter_run_in_a_namespace(home: Path, mode: int, way: Mode) -> None:
    with tempfile.TemporaryDirectory() as folder:  # pytest's own is for root alone
        Path(folder).chmod(mode)
        assert unprivileged(home, Path(folder, "postgres")).mode is way
