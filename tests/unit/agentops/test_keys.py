"""Checking callers' keys: remembered for a while, secrets never kept."""

import pytest

from agentops import KeyVerifier
from agentops.errors import Forbidden, Unauthenticated, Unavailable
from agentops.keys import MAX_CACHED_KEYS
from agentops.wire import Scope
from tests.unit.agentops import records
from tests.unit.agentops.fixtures import Waits, policy
from tests.unit.agentops.scripted_http import Answer, Asked, problem, scripted

ADMIN = Answer(body=records.key())
UNKNOWN = problem(401, "unauthenticated")


def verifier(url: str, waits: Waits) -> KeyVerifier:
    return KeyVerifier(url, ttl_s=30, retry=policy(waits, tries=2), clock=waits.clock)


async def test_a_key_is_asked_for_once_while_the_answer_holds() -> None:
    waits = Waits()
    async with scripted(ADMIN, UNKNOWN) as ledger, verifier(ledger.url, waits) as keys:
        for waits.now_s in (0, 10, 29.9):
            assert await keys.verify("s3cret") == records.key()
        assert len(ledger.asked) == 1
        waits.now_s = 30
        with pytest.raises(Unauthenticated):
            await keys.verify("s3cret")
    assert {asked.headers["authorization"] for asked in ledger.asked} == {"Bearer s3cret"}


async def test_a_refusal_is_not_remembered() -> None:
    async with scripted(UNKNOWN, ADMIN) as ledger, verifier(ledger.url, Waits()) as keys:
        with pytest.raises(Unauthenticated):
            await keys.verify("fresh")
        assert (await keys.verify("fresh")).id == "k1"


async def test_one_caller_s_answer_is_not_another_s() -> None:
    def by_key(asked: Asked) -> Answer:
        return ADMIN if asked.headers["authorization"] == "Bearer right" else UNKNOWN

    async with scripted() as ledger, verifier(ledger.url, Waits()) as keys:
        ledger.respond = by_key
        assert (await keys.verify("right")).id == "k1"
        with pytest.raises(Unauthenticated):
            await keys.verify("wrong")


@pytest.mark.parametrize("secret", ["", "  ", "größe", "two\nlines"])
async def test_what_cannot_be_a_key_is_refused_without_asking(secret: str) -> None:
    async with scripted(ADMIN) as ledger, verifier(ledger.url, Waits()) as keys:
        with pytest.raises(Unauthenticated, match="Bearer"):
            await keys.verify(secret)
    assert ledger.asked == []


async def test_a_key_of_another_scope_is_forbidden() -> None:
    async with (
        scripted(Answer(body=records.key(Scope.READER))) as ledger,
        verifier(ledger.url, Waits()) as keys,
    ):
        assert (await keys.verify("reader", scopes={Scope.READER, Scope.ADMIN})).id == "k1"
        with pytest.raises(Forbidden, match="scope admin or agent; yours is reader"):
            await keys.verify("reader", scopes={Scope.AGENT, Scope.ADMIN})


async def test_a_known_key_passes_while_the_ledger_is_away() -> None:
    async with scripted(ADMIN, problem(503, "unavailable")) as ledger, verifier(ledger.url, Waits()) as keys:
        await keys.verify("known")
        assert (await keys.verify("known")).id == "k1"
        with pytest.raises(Unavailable):
            await keys.verify("other")


async def test_the_cache_holds_hashes_and_stays_small() -> None:
    async with scripted(ADMIN) as ledger, verifier(ledger.url, Waits()) as keys:
        for number in range(MAX_CACHED_KEYS + 10):
            await keys.verify(f"s3cret-{number}")
        assert len(keys._cached) == MAX_CACHED_KEYS
        assert "s3cret" not in repr(keys._cached)
        await keys.verify("s3cret-0")
    assert len(ledger.asked) == MAX_CACHED_KEYS + 11
