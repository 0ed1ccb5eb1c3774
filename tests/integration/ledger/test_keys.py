"""Keys that change: rotated, revoked, run out."""

import asyncio
from typing import Any

import asyncpg
import pytest

from agentops import AgentOpsClient, errors
from agentops.wire import ClaimNextRequest, Complete, NewKey, NewTask, RotateKey, Scope
from tests.integration.ledger.api import Api, api_for
from tests.ledger_fixtures import AGENT_KEY, StartLedger


async def _change(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def _good(url: str, secret: str) -> bool:
    async with api_for(url, secret) as api:
        return (await api.client.get("/keys/self")).status_code == 200


async def test_a_rotated_key_stays_itself_and_keeps_what_it_holds(
    ops: AgentOpsClient, ledger_url: str
) -> None:
    key = await ops.create_key(NewKey(name="seed", scope=Scope.AGENT))
    await ops.create_task(NewTask(title="x"))
    async with AgentOpsClient(ledger_url, key.secret) as old:
        (claim,) = await old.claim_next(ClaimNextRequest(agent="s"))
        new = await ops.rotate_key(key.id)
        assert (new.id, new.name, new.scope) == (key.id, key.name, key.scope)
        assert new.secret != key.secret
        assert new.rotated_at is not None
        assert (await old.whoami()).id == key.id
    async with AgentOpsClient(ledger_url, new.secret) as client:
        await client.complete(claim.task.id, Complete(epoch=claim.epoch))


async def test_the_old_secret_ends_with_its_grace_and_with_the_next_rotation(
    ops: AgentOpsClient, ledger_url: str, ledger_dsn: str
) -> None:
    first = await ops.create_key(NewKey(name="seed", scope=Scope.AGENT))
    second = await ops.rotate_key(first.id, RotateKey(grace_s=0))
    assert not await _good(ledger_url, first.secret)
    third = await ops.rotate_key(first.id)
    fourth = await ops.rotate_key(first.id)
    good = [await _good(ledger_url, one.secret) for one in (first, second, third, fourth)]
    assert good == [False, False, True, True]
    await ops.revoke_key(first.id)
    assert not any([await _good(ledger_url, one.secret) for one in (third, fourth)])
    with pytest.raises(errors.NotFound, match="still good"):
        await ops.rotate_key(first.id)


async def test_rotations_at_once_leave_two_good_secrets(ops: AgentOpsClient, ledger_url: str) -> None:
    key = await ops.create_key(NewKey(name="seed", scope=Scope.AGENT))
    made = await asyncio.gather(*(ops.rotate_key(key.id) for _ in range(6)))
    good = [await _good(ledger_url, one.secret) for one in [key, *made]]
    assert good.count(True) == 2
    assert good[0] is False


async def test_a_repeated_rotation_answers_with_the_same_secret(ops: AgentOpsClient, ledger_url: str) -> None:
    key = await ops.create_key(NewKey(name="seed", scope=Scope.AGENT))
    one = await ops.rotate_key(key.id, idempotency_key="again")
    two = await ops.rotate_key(key.id, idempotency_key="again")
    assert one.secret == two.secret
    assert await _good(ledger_url, key.secret)


async def test_a_rotated_first_key_does_not_come_back_with_a_restart(start_ledger: StartLedger) -> None:
    async with start_ledger() as url, api_for(url, "cos_test-admin-key-0123456789abcdefghijklmnop") as admin:
        keys = (await admin.get("/keys"))["items"]
        agent = next(key for key in keys if key["scope"] == "agent")
        for _ in range(2):
            await admin.post(f"/keys/{agent['id']}/rotate", 200, grace_s=0)
        assert not await _good(url, AGENT_KEY)
    async with start_ledger() as url:
        assert not await _good(url, AGENT_KEY)


async def test_a_key_that_ran_out_is_refused(ops: AgentOpsClient, ledger_url: str, ledger_dsn: str) -> None:
    key = await ops.create_key(NewKey(name="x", scope=Scope.READER, expires_in_s=60))
    await _change(ledger_dsn, "UPDATE api_key SET expires_at = now() - interval '1 s' WHERE name = 'x'")
    assert not await _good(ledger_url, key.secret)


async def test_the_list_tells_when_a_key_was_used_last(ops: AgentOpsClient, ledger_url: str) -> None:
    key = await ops.create_key(NewKey(name="x", scope=Scope.READER))

    async def last_used() -> Any:
        return next(one for one in await ops.list_keys() if one.id == key.id).last_used_at

    assert await last_used() is None
    assert await _good(ledger_url, key.secret)
    assert await last_used() is not None


async def test_the_log_tells_who_made_and_ended_keys(
    ops: AgentOpsClient, admin: Api, ledger_url: str
) -> None:
    key = await ops.create_key(NewKey(name="x", scope=Scope.READER))
    rotated = await ops.rotate_key(key.id)
    await ops.revoke_key(key.id)
    await ops.revoke_key(key.id)
    login = await ops.create_login()
    redeemed = await ops.redeem_login(login.token)
    events = await admin.events()
    assert [(event["type"], event["actor"]) for event in events] == [
        ("key.created", "admin"), ("key.rotated", "admin"), ("key.revoked", "admin"),
        ("login.created", "admin"), ("login.redeemed", "login"),
    ]  # fmt: skip
    for secret in (key.secret, rotated.secret, login.token, redeemed.secret):
        assert secret not in str(events)
