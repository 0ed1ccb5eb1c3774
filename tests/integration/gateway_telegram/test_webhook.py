"""Updates that Telegram sends: durable before they are acknowledged, genuine, each taken once."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from structlog.testing import capture_logs

from gateway.session.memory import MemorySessionStream
from gateway.session.stream import Appended
from gateway.session.turns import Turn
from gateway.telegram.webhook import SECRET_HEADER
from tests.botapi import faults
from tests.botapi.faults import Fault
from tests.integration.gateway_telegram.conftest import SECRET, Desk
from tests.integration.gateway_telegram.test_files import png
from tests.waiting import eventually


@pytest.fixture
def mode() -> str:
    return "webhook"


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=10) as client:
        yield client


async def ready(desk: Desk) -> None:
    await eventually(lambda: desk.telegram.webhook.url)


async def test_an_update_is_acknowledged_only_after_its_turn_is_durable(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored, may_return = asyncio.Event(), asyncio.Event()
    append = MemorySessionStream.append

    async def held(stream: MemorySessionStream, turn: Turn) -> Appended:
        appended = await append(stream, turn)
        stored.set()
        await may_return.wait()
        return appended

    monkeypatch.setattr(MemorySessionStream, "append", held)
    async with desk.running():
        await desk.owner.says("hello")
        await stored.wait()
        assert desk.telegram.webhook.answers == []
        assert desk.telegram.unconfirmed == 1
        may_return.set()
        await eventually(lambda: desk.telegram.unconfirmed == 0)
    assert desk.telegram.webhook.answers == [200]


@pytest.mark.parametrize("shown", [None, "", "wrong", SECRET[:-1], SECRET + "x", "ü"])
async def test_a_forged_update_is_refused_and_logged(
    desk: Desk, http: httpx.AsyncClient, shown: str | None
) -> None:
    message = await desk.owner.says("the real one")
    forged = {"update_id": 5, "message": {**message, "message_id": 99, "text": "forged"}}
    headers = [] if shown is None else [(SECRET_HEADER.encode(), shown.encode())]
    with capture_logs() as logs:
        async with desk.running():
            assert (await http.post(desk.url, json=forged, headers=headers)).status_code == 401
            assert (await desk.turn()).text == "the real one"
    await desk.no_turn()
    assert "telegram.webhook_forged" in {entry["event"] for entry in logs}
    assert SECRET not in str(logs)


async def test_a_replayed_update_is_taken_once(desk: Desk, http: httpx.AsyncClient) -> None:
    async with desk.running():
        await ready(desk)
        for text in ("hello", "/whoami"):
            message = await desk.owner.says(text)
            await eventually(lambda: desk.telegram.unconfirmed == 0)
            for number in (1, 2):
                update = {"update_id": number, "message": message}
                answer = await http.post(desk.url, json=update, headers={SECRET_HEADER: SECRET})
                assert answer.status_code == 200
        assert (await desk.turn()).text == "hello"
    assert len(desk.telegram.sent) == 1
    await desk.no_turn()


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b'{"update_id": "x"}', b"\xff\x00"])
async def test_what_is_no_update_is_refused(desk: Desk, http: httpx.AsyncClient, body: bytes) -> None:
    async with desk.running():
        await ready(desk)
        answer = await http.post(desk.url, content=body, headers={SECRET_HEADER: SECRET})
    assert answer.status_code == 400


async def test_a_body_without_end_is_refused(desk: Desk, http: httpx.AsyncClient) -> None:
    async with desk.running():
        await ready(desk)
        answer = await http.post(desk.url, content=b"x" * 2_000_000, headers={SECRET_HEADER: SECRET})
    assert answer.status_code == 413


async def test_before_the_bot_is_there_telegram_is_asked_to_come_again(
    desk: Desk, http: httpx.AsyncClient
) -> None:
    desk.telegram.fail("getMe", faults.Hang(0.5))
    async with desk.running():
        answer = await http.post(desk.url, json={"update_id": 1}, headers={SECRET_HEADER: SECRET})
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")


async def test_what_waited_while_nobody_was_there_is_taken_in_order(desk: Desk) -> None:
    texts = [f"message {number}" for number in range(5)]
    for text in texts:
        await desk.owner.says(text)
    async with desk.running():
        assert [(await desk.turn()).text for _ in texts] == texts
    set_webhook = next(call for call in desk.telegram.calls if call.method == "setWebhook")
    assert set_webhook.params["drop_pending_updates"] is False
    assert set_webhook.params["secret_token"] == SECRET


@pytest.mark.parametrize(
    "fault",
    [
        faults.BadGateway(),
        faults.CutConnection(),
        faults.LoseAnswer(),
        faults.Refuse(500, "Internal Server Error"),
        faults.too_many_requests(1),
    ],
    ids=lambda fault: type(fault).__name__ + str(getattr(fault, "code", "")),
)
async def test_the_webhook_is_set_through_an_outage(desk: Desk, fault: Fault) -> None:
    desk.telegram.fail("setWebhook", fault)
    await desk.owner.says("hello")
    async with desk.running():
        assert (await desk.turn()).text == "hello"


async def test_an_update_comes_again_while_the_store_is_away(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    append, failures = MemorySessionStream.append, iter([TimeoutError(), TimeoutError()])

    async def away(stream: MemorySessionStream, turn: Turn) -> Appended:
        if (failure := next(failures, None)) is not None:
            raise failure
        return await append(stream, turn)

    monkeypatch.setattr(MemorySessionStream, "append", away)
    async with desk.running():
        await desk.owner.says("hello")
        assert (await desk.turn()).text == "hello"
        await eventually(lambda: desk.telegram.unconfirmed == 0)
    await desk.no_turn()


async def test_an_album_that_comes_piece_by_piece_is_one_turn(desk_with_ledger: Desk) -> None:
    desk = desk_with_ledger
    async with desk.running():
        for number in range(3):
            caption = "compare these" if number == 0 else None
            await desk.owner.sends_photo(png(), caption, album="album-1")
        turn = await desk.turn()
    assert turn.text == "compare these"
    assert len(turn.attachments) == 3
    assert desk.telegram.webhook.answers == [200, 200, 200]
    await desk.no_turn()


async def test_an_album_is_taken_by_the_next_gateway_when_this_one_dies(desk_with_ledger: Desk) -> None:
    desk = desk_with_ledger
    async with desk.running():
        await desk.owner.sends_photo(png(), "one", album="album-1")
        await desk.owner.sends_photo(png(), album="album-1")
        await eventually(lambda: desk.telegram.unconfirmed == 0)
    await desk.no_turn()
    from tests.integration.gateway_telegram.conftest import running

    async with desk.opened() as heir, running(heir):
        assert len((await desk.turn()).attachments) == 2


async def test_going_back_to_polling_takes_the_webhook_away_and_loses_nothing(desk: Desk) -> None:
    async with desk.running():
        await ready(desk)
    await desk.owner.says("hello")
    from gateway.telegram.opening import open_telegram
    from tests.integration.gateway_telegram.conftest import running

    async with open_telegram(desk.settings, desk.around) as poller, running(poller):
        assert (await desk.turn()).text == "hello"
    assert desk.telegram.webhook.url == ""
