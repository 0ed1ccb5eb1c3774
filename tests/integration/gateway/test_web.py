"""The conversation API over real HTTP, a real Redis and a real ledger."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from redis.asyncio import Redis

from agentops import AgentOpsClient
from gateway.main import opened
from gateway.session import scripts
from gateway.session.receipts import Receipt, add_receipt
from gateway.session.redis_stream import RedisSessionStream
from gateway.session.serving import Say
from gateway.session.turns import Lane, Reply, Turn
from gateway.telegram.settings import TelegramSettings
from tests.conformance.turns import a_notice, a_reply, a_turn
from tests.integration.gateway.brains import brain
from tests.integration.gateway.posting import events, gateway_settings
from tests.waiting import eventually

TURNS = "/api/v1/sessions/main/turns"


@pytest.fixture
async def gateway_url(redis_url: str, ledger_url: str, admin_key: str) -> AsyncIterator[str]:
    settings = gateway_settings(redis_url, ledger_url, admin_key)
    async with opened(settings, TelegramSettings(bot_token=None)) as url:
        yield url


@pytest.fixture
async def web(gateway_url: str, admin_key: str) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {admin_key}"}
    async with httpx.AsyncClient(base_url=gateway_url, headers=headers, timeout=20) as client:
        yield client


async def taken(stream: RedisSessionStream, lane: Lane = Lane.TALK) -> Turn:
    held = await stream.acquire("test", lane=lane, wait_s=5)
    assert held is not None
    head = await held.next_turn()
    assert head is not None
    return head.turn


async def nothing_stored(redis: Redis, ops: AgentOpsClient) -> bool:
    return [key async for key in redis.scan_iter("cos:mail:*")] == [] and await artifacts(ops) == 0


async def artifacts(ops: AgentOpsClient) -> int:
    page = await ops._transport.get("/artifacts", dict)
    return len(page["items"])


async def test_a_message_becomes_a_durable_turn(web: httpx.AsyncClient, stream: RedisSessionStream) -> None:
    answer = await web.post(TURNS, json={"text": "hello ☕", "external_id": "m1"})
    turn = await taken(stream)
    assert answer.status_code == 202
    assert answer.json() == {"turn_id": turn.id, "duplicate": False}
    assert (turn.session_id, turn.channel, turn.text, turn.lane) == ("main", "web", "hello ☕", Lane.TALK)


async def test_the_same_message_sent_again_is_taken_once(web: httpx.AsyncClient) -> None:
    first = await web.post(TURNS, json={"text": "hello", "external_id": "m1"})
    again = await web.post(TURNS, json={"text": "hello", "external_id": "m1"})
    elsewhere = await web.post("/api/v1/sessions/other/turns", json={"text": "hello", "external_id": "m1"})
    assert again.json() == {"turn_id": first.json()["turn_id"], "duplicate": True}
    assert elsewhere.json()["duplicate"] is False


async def test_files_are_in_the_ledger_before_the_turn_is(
    web: httpx.AsyncClient, stream: RedisSessionStream, ops: AgentOpsClient
) -> None:
    files = [
        ("files", ("C:\\data\\sales ü.csv", b"a,b\n1,2\n", "application/vnd.ms-excel")),
        ("files", ("notes", b"\x00\x01", "")),
    ]
    answer = await web.post(TURNS, data={"text": "analyse this", "external_id": "m1"}, files=files)
    assert answer.status_code == 202, answer.text
    turn = await taken(stream)
    table, notes = turn.attachments
    assert (table.name, table.media_type, table.size_bytes) == ("sales ü.csv", "text/csv", 8)
    assert (notes.name, notes.media_type) == ("notes", "application/octet-stream")
    assert await ops.download(table.artifact_id) == b"a,b\n1,2\n"  # type: ignore[arg-type]


async def test_a_form_sent_again_stores_its_files_once(web: httpx.AsyncClient, ops: AgentOpsClient) -> None:
    for _ in range(2):
        files = [("files", ("sales.csv", b"a,b\n", "text/csv"))]
        answer = await web.post(TURNS, data={"text": "", "external_id": "m1"}, files=files)
        assert answer.status_code == 202
    assert await artifacts(ops) == 1


async def test_a_status_command_goes_to_the_control_lane(
    web: httpx.AsyncClient, stream: RedisSessionStream
) -> None:
    await web.post(TURNS, json={"text": "/status"})
    assert (await taken(stream, Lane.CONTROL)).text == "/status"


async def test_chunks_and_the_reply_are_heard(web: httpx.AsyncClient, stream: RedisSessionStream) -> None:
    async def handle(turn: Turn, say: Say) -> Reply:
        await say("on it\n")
        return a_reply(turn)

    async with brain(stream, handle), events(web) as heard:
        await web.post(TURNS, json={"text": "hello"})
        turn, chunk, reply = await anext(heard), await anext(heard), await anext(heard)
    assert (turn.event, turn.data["text"], turn.data["channel"]) == ("turn", "hello", "web")
    assert turn.id
    assert (chunk.event, chunk.id, chunk.data["text"]) == ("chunk", None, "on it\n")
    assert (reply.event, reply.data["text"]) == ("reply", "re: hello")
    assert reply.id


async def test_a_listener_resumes_behind_the_last_event_id(
    web: httpx.AsyncClient, stream: RedisSessionStream
) -> None:
    async with events(web) as heard:
        await stream.notify(a_notice("n1", text="one"))
        first = await anext(heard)
    await stream.notify(a_notice("n2", text="two"))
    await stream.notify(a_notice("n3", text="three"))
    async with events(web, last_id=first.id) as heard:
        later = [await anext(heard), await anext(heard)]
    assert [one.data["text"] for one in later] == ["two", "three"]
    assert [one.event for one in later] == ["notice", "notice"]


async def nobody_left(count: Callable[[], Awaitable[int]]) -> bool:
    return await count() == 0


async def test_a_listener_that_left_frees_its_connection(
    web: httpx.AsyncClient, redis: Redis, stream: RedisSessionStream
) -> None:
    async def subscribers() -> int:
        [(_, number)] = await redis.pubsub_numsub("cos:said:main")
        return int(number)

    async with events(web) as heard:
        await stream.notify(a_notice())
        await anext(heard)
        assert await subscribers() == 1
    await eventually(lambda: nobody_left(subscribers))


BAD: list[tuple[dict[str, Any], int, str]] = [
    ({"json": {"text": "  \n"}}, 400, "empty_message"),
    ({"json": {"text": "x" * 100_001}}, 413, "too_large"),
    ({"json": {"text": "x" * 1_000_000}}, 413, "too_large"),
    ({"json": {"text": "x" * 3_000_000}}, 413, "too_large"),
    ({"json": {"text": "nul \x00"}}, 400, "validation_failed"),
    ({"json": {"words": "hello"}}, 400, "validation_failed"),
    ({"json": {"text": "hello", "external_id": ""}}, 400, "validation_failed"),
    ({"content": b"{", "headers": {"Content-Type": "application/json"}}, 400, "validation_failed"),
    ({"content": b"", "headers": {"Content-Type": "application/json"}}, 400, "validation_failed"),
    (
        {"content": b'{"text":"\xff"}', "headers": {"Content-Type": "application/json"}},
        400,
        "validation_failed",
    ),
    ({"content": b"hello", "headers": {"Content-Type": "text/plain"}}, 400, "unsupported_media_type"),
    (
        {"content": b"nonsense", "headers": {"Content-Type": "multipart/form-data; boundary=x"}},
        400,
        "validation_failed",
    ),
    ({"content": b"", "headers": {"Content-Type": "multipart/form-data"}}, 400, "validation_failed"),
    (
        {
            "content": b'--x\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\ncut',
            "headers": {"Content-Type": "multipart/form-data; boundary=x"},
        },
        400,
        "validation_failed",
    ),
    ({"files": [("files", ("big.bin", b"x" * 1_500_000))]}, 413, "too_large"),
    ({"files": [("files", ("big.bin", b"x" * 50_000_000))]}, 413, "too_large"),
    ({"files": [("files", (f"{n}.txt", b"x")) for n in range(40)]}, 413, "too_large"),
    ({"data": {"nonsense": "1"}, "files": [("files", ("a.csv", b"a"))]}, 400, "validation_failed"),
]


async def test_bad_input_is_refused_with_advice_and_nothing_is_stored(
    web: httpx.AsyncClient, redis: Redis, ops: AgentOpsClient, subtests: pytest.Subtests
) -> None:
    for number, (request, status, code) in enumerate(BAD):
        with subtests.test(number=number, code=code):
            answer = await web.post(TURNS, **request)
            problem = answer.json()
            assert (answer.status_code, problem["code"]) == (status, code), problem
            assert answer.headers["content-type"].startswith("application/problem+json")
            assert len(problem["detail"]) > 20
    assert await nothing_stored(redis, ops)


async def test_an_upload_that_hides_its_size_is_stopped_at_the_limit(web: httpx.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.bin"\r\n\r\n'
        for _ in range(40):
            yield b"y" * 100_000

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = await web.post(TURNS, content=endless(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert "1 MB" in answer.json()["detail"]


async def test_a_bad_session_id_or_resume_position_is_refused(web: httpx.AsyncClient) -> None:
    for session in ("-x", "a b", "x" * 101, "%00", "a%0Ab"):
        said = await web.post(f"/api/v1/sessions/{session}/turns", json={"text": "hello"})
        heard = await web.get(f"/api/v1/sessions/{session}/stream")
        assert (said.status_code, said.json()["code"]) == (400, "invalid_session")
        assert (heard.status_code, heard.json()["code"]) == (400, "invalid_session")
    answer = await web.get("/api/v1/sessions/main/stream", headers={"Last-Event-ID": "yesterday"})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_position")


async def test_without_a_good_key_nothing_is_said_or_heard(gateway_url: str, redis: Redis) -> None:
    async with httpx.AsyncClient(base_url=gateway_url) as stranger:
        for headers in ({}, {"Authorization": "Bearer cos_wrong"}, {"Authorization": "Basic eDp5"}):
            said = await stranger.post(TURNS, json={"text": "hello"}, headers=headers)
            heard = await stranger.get("/api/v1/sessions/main/stream", headers=headers)
            assert (said.status_code, said.json()["code"]) == (401, "unauthenticated")
            assert heard.status_code == 401
    assert not [key async for key in redis.scan_iter("cos:mail:*")]


async def test_a_reader_may_hear_but_not_speak_and_a_worker_neither(
    gateway_url: str, reader_key: str, agent_key: str
) -> None:
    async with httpx.AsyncClient(base_url=gateway_url) as person:
        reader = {"Authorization": f"Bearer {reader_key}"}
        worker = {"Authorization": f"Bearer {agent_key}"}
        assert (await person.post(TURNS, json={"text": "hi"}, headers=reader)).status_code == 403
        assert (await person.post(TURNS, json={"text": "hi"}, headers=worker)).status_code == 403
        assert (await person.get("/api/v1/sessions/main/stream", headers=worker)).status_code == 403
        async with person.stream("GET", "/api/v1/sessions/main/stream", headers=reader) as response:
            assert response.status_code == 200


async def test_unknown_paths_and_methods_are_problems_too(web: httpx.AsyncClient) -> None:
    missing = await web.get("/api/v1/nothing")
    wrong = await web.get(TURNS)
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method_not_allowed")


async def test_health_needs_no_key_and_names_what_is_missing(gateway_url: str) -> None:
    async with httpx.AsyncClient(base_url=gateway_url) as stranger:
        assert (await stranger.get("/health/live")).status_code == 200
        answer = await stranger.get("/health/ready")
    assert (answer.status_code, answer.json()["checks"]) == (200, {"redis": "ok", "ledger": "ok"})


async def test_too_many_waiting_messages_are_told_one_moment_and_when_to_come_again(
    redis_url: str, ledger_url: str, admin_key: str
) -> None:
    settings = gateway_settings(redis_url, ledger_url, admin_key).model_copy(
        update={"max_waiting_turns": 2, "max_waiting_overall": 3}
    )
    headers = {"Authorization": f"Bearer {admin_key}"}
    async with (
        opened(settings, TelegramSettings(bot_token=None)) as url,
        httpx.AsyncClient(base_url=url, headers=headers, timeout=20) as person,
    ):
        for _ in range(2):
            assert (await person.post(TURNS, json={"text": "hello"})).status_code == 202
        here = await person.post(TURNS, json={"text": "hello"})
        await person.post("/api/v1/sessions/other/turns", json={"text": "hello"})
        everywhere = await person.post("/api/v1/sessions/third/turns", json={"text": "hello"})
        stop = await person.post(TURNS, json={"text": "/stop"})
        metrics = await person.get("/api/v1/metrics")
    assert (here.status_code, here.json()["code"], here.headers["Retry-After"]) == (429, "busy", "5")
    assert here.json()["detail"].startswith("One moment, please: 2 messages")
    assert (everywhere.status_code, everywhere.headers["Retry-After"]) == (503, "5")
    assert stop.status_code == 202
    assert metrics.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "\ncos_turns_waiting 4\n" in metrics.text
    assert "\ncos_turns_refused_total 2\n" in metrics.text


async def test_the_metrics_count_answers_by_how_long_they_took(
    web: httpx.AsyncClient, stream: RedisSessionStream
) -> None:
    async def handle(turn: Turn, say: Say) -> Reply:
        return a_reply(turn)

    async def counted() -> bool:
        text = (await web.get("/api/v1/metrics")).text
        return 'cos_turn_latency_seconds_bucket{le="+Inf"} 3' in text and "cos_turns_waiting 0" in text

    async with brain(stream, handle):
        for _ in range(3):
            await web.post(TURNS, json={"text": "hello"})
        await eventually(counted)


async def test_what_became_of_a_message_can_be_looked_up(
    web: httpx.AsyncClient, stream: RedisSessionStream, redis: Redis
) -> None:
    await redis.sadd(scripts.CARRIED, "telegram")
    await stream.append(a_turn(channel="telegram", address="7"))
    await stream.notify(a_notice("n1"))
    receipt = Receipt(step="ring", person_id="p", notice_id="n1", outcome="told", at=datetime.now(UTC))
    await add_receipt(redis, "g1", receipt)
    deliveries = await web.get("/api/v1/deliveries/n1")
    receipts = await web.get("/api/v1/gates/g1/receipts")
    expected = {"channel": "telegram", "address": "7", "state": "pending", "parts_sent": 0, "reason": ""}
    assert deliveries.json() == [expected]
    assert [(one["step"], one["outcome"]) for one in receipts.json()] == [("ring", "told")]


async def test_who_may_not_hear_may_not_look_either(gateway_url: str, agent_key: str) -> None:
    async with httpx.AsyncClient(base_url=gateway_url) as somebody:
        for path in ("metrics", "deliveries/n1", "gates/g1/receipts"):
            assert (await somebody.get(f"/api/v1/{path}")).status_code == 401
            worker = {"Authorization": f"Bearer {agent_key}"}
            assert (await somebody.get(f"/api/v1/{path}", headers=worker)).status_code == 403
