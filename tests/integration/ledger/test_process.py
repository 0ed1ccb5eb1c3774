"""The ledger as the process that `cos run ledger` makes."""

import asyncio
import os
import signal
import sys

import httpx
import pytest

from tests.ledger_fixtures import ADMIN_KEY
from tests.waiting import eventually

PROGRAM = "import asyncio, ledger.main as m, ledger.settings as s; asyncio.run(m.serve(s.LedgerSettings()))"


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
async def test_it_serves_and_stops_in_order_without_telling_secrets(
    postgres_dsn: str, redis_url: str, tmp_path: object, unused_tcp_port: int, how: signal.Signals
) -> None:
    environment = os.environ | {
        "DATABASE_URL": postgres_dsn,
        "REDIS_URL": redis_url,
        "LEDGER_PORT": str(unused_tcp_port),
        "LEDGER_BOOTSTRAP_ADMIN_KEY": ADMIN_KEY,
        "COS_HOME": str(tmp_path),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM,
        env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    headers = {"Authorization": f"Bearer {ADMIN_KEY}"}
    base = f"http://127.0.0.1:{unused_tcp_port}/api/v1"
    try:
        async with httpx.AsyncClient(base_url=base, headers=headers, trust_env=False) as client:

            async def ready() -> bool:
                try:
                    return (await client.get("/health/ready")).status_code == 200
                except httpx.HTTPError:
                    return False

            await eventually(ready, timeout_s=30)
            assert (await client.post("/tasks", json={"title": "x"})).status_code == 201
        process.send_signal(how)
        async with asyncio.timeout(5):
            said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, said.decode()
    assert b"ledger.stopped" in said
    password = postgres_dsn.split(":")[2].split("@")[0]
    for secret in (ADMIN_KEY, password):
        assert secret.encode() not in said
