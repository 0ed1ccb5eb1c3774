"""The Bot API server of the tests keeps Telegram's rules, whoever calls it."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.botapi import BotApiServer, faults
from tests.botapi.schema import update_fault
from tests.botapi.trim_schema import METHODS, TRIMMED, trim, written

FULL_SCHEMA = Path(__file__).parents[4] / "shared" / "spec" / "bot-api-10.3.schema.json"


class Bot:
    """Calls the server as any library would."""

    def __init__(self, server: BotApiServer, http: httpx.AsyncClient) -> None:
        self.server = server
        self.http = http

    async def call(self, method: str, **request: Any) -> dict[str, Any]:
        url = f"{self.server.base_url}/bot{self.server.token}/{method}"
        response = await self.http.post(url, **request)
        body: dict[str, Any] = response.json()
        assert body["ok"] is (response.status_code == 200)
        return body


@pytest.fixture
async def bot(telegram: BotApiServer) -> AsyncIterator[Bot]:
    async with httpx.AsyncClient(timeout=10) as http:
        yield Bot(telegram, http)


async def test_parameters_may_come_as_json_as_a_form_or_in_parts(telegram: BotApiServer, bot: Bot) -> None:
    ada = telegram.person()
    await ada.says("hi")
    plain = {"chat_id": ada.id, "text": "[1] x", "link_preview_options": {"is_disabled": True}}
    form = {**plain, "link_preview_options": json.dumps(plain["link_preview_options"])}
    bodies: list[dict[str, Any]] = [
        {"json": plain},
        {"data": form},
        {"files": {name: (None, str(value)) for name, value in form.items()}},
    ]
    for body in bodies:
        assert (await bot.call("sendMessage", **body))["result"]["text"] == "[1] x"
    assert [sent.params for sent in telegram.sent] == [plain] * 3


async def test_updates_stay_until_an_offset_confirms_them(telegram: BotApiServer, bot: Bot) -> None:
    ada = telegram.person()
    for text in ("one", "two", "three"):
        await ada.says(text)
    first = (await bot.call("getUpdates", json={"limit": 2}))["result"]
    assert [update["message"]["text"] for update in first] == ["one", "two"]
    assert len((await bot.call("getUpdates"))["result"]) == 3
    rest = await bot.call("getUpdates", json={"offset": first[-1]["update_id"] + 1})
    assert [update["message"]["text"] for update in rest["result"]] == ["three"]
    assert telegram.unconfirmed == 1


async def test_a_long_poll_answers_as_soon_as_somebody_writes(telegram: BotApiServer, bot: Bot) -> None:
    poll = asyncio.create_task(bot.call("getUpdates", json={"timeout": 30}))
    await asyncio.sleep(0)
    await telegram.person().says("hello")
    async with asyncio.timeout(5):
        assert len((await poll)["result"]) == 1


async def test_a_second_poller_ends_the_first_with_a_conflict(telegram: BotApiServer, bot: Bot) -> None:
    first = asyncio.create_task(bot.call("getUpdates", json={"timeout": 30}))
    second = asyncio.create_task(bot.call("getUpdates", json={"timeout": 30}))
    done, (left,) = await asyncio.wait({first, second}, return_when=asyncio.FIRST_COMPLETED)
    refused = done.pop().result()
    assert refused["error_code"] == 409
    await telegram.person().says("hello")
    assert len((await left)["result"]) == 1


@pytest.mark.parametrize(
    ("request_", "wrong"),
    [
        ({"chat_id": 1000}, "'text' is a required property"),
        ({"chat_id": 1000, "text": "x", "parse_mode": "html"}, "parse_mode"),
        ({"chat_id": 1000, "text": "x", "disable_web_page_preview": True}, "disable_web_page_preview"),
    ],
)
async def test_a_call_that_breaks_the_schema_is_refused_and_remembered(
    telegram: BotApiServer, bot: Bot, request_: dict[str, Any], wrong: str
) -> None:
    await telegram.person().says("hi")
    assert (await bot.call("sendMessage", json=request_))["error_code"] == 400
    assert wrong in telegram.violations.pop()
    assert telegram.sent == []


async def test_leaving_the_server_reports_what_broke_the_schema() -> None:
    with pytest.raises(AssertionError, match="no such method"):
        async with BotApiServer() as server, httpx.AsyncClient() as http:
            await Bot(server, http).call("sendFireworks")


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("<b>bold", "Can't find end tag"),
        ("<b>bold</i>", "Unmatched end tag"),
        ("<marquee>x</marquee>", 'Unsupported start tag "marquee" at byte offset 0'),
        ("1 < 2", "Unsupported start tag"),
        ("  ", "message text is empty"),
        ("x" * 4097, "message is too long"),
        ("🙂" * 2049, "message is too long"),
    ],
)
async def test_texts_that_telegram_refuses_are_refused(
    telegram: BotApiServer, bot: Bot, text: str, refusal: str
) -> None:
    ada = telegram.person()
    await ada.says("hi")
    request = {"chat_id": ada.id, "text": text, "parse_mode": "HTML"}
    body = await bot.call("sendMessage", json=request)
    assert (body["error_code"], refusal in body["description"]) == (400, True)


async def test_a_bot_may_not_write_to_who_never_wrote_to_it(telegram: BotApiServer, bot: Bot) -> None:
    ada = telegram.person()
    assert (await bot.call("sendMessage", json={"chat_id": ada.id, "text": "hi"}))["error_code"] == 400
    await ada.says("hi")
    ada.blocks_the_bot()
    assert (await bot.call("sendMessage", json={"chat_id": ada.id, "text": "hi"}))["error_code"] == 403


async def test_a_file_goes_up_and_comes_down_unchanged(telegram: BotApiServer, bot: Bot) -> None:
    ada = telegram.person()
    await ada.says("hi")
    sent = await bot.call(
        "sendDocument", data={"chat_id": ada.id}, files={"document": ("ä b.csv", b"1,2", "text/csv")}
    )
    document = sent["result"]["document"]
    assert (document["file_name"], document["mime_type"]) == ("ä b.csv", "text/csv")
    path = (await bot.call("getFile", json={"file_id": document["file_id"]}))["result"]["file_path"]
    response = await bot.http.get(f"{telegram.base_url}/file/bot{telegram.token}/{path}")
    assert response.content == telegram.sent[0].files[0].content == b"1,2"


async def test_a_file_above_twenty_megabytes_cannot_be_fetched(telegram: BotApiServer, bot: Bot) -> None:
    message = await telegram.person().sends_document(bytes(20 * 2**20 + 1), "x")
    body = await bot.call("getFile", json={"file_id": message["document"]["file_id"]})
    assert (body["error_code"], body["description"]) == (400, "Bad Request: file is too big")


async def test_a_wrong_token_is_refused(telegram: BotApiServer, bot: Bot) -> None:
    response = await bot.http.get(f"{telegram.base_url}/bot1:wrong/getMe")
    assert (response.status_code, response.json()["description"]) == (401, "Unauthorized")


async def test_faults_come_once_each_and_in_order(telegram: BotApiServer, bot: Bot) -> None:
    telegram.fail("getMe", faults.too_many_requests(5))
    telegram.fail("getMe", faults.CutConnection())
    flood = await bot.call("getMe")
    assert (flood["error_code"], flood["parameters"]) == (429, {"retry_after": 5})
    with pytest.raises(httpx.RemoteProtocolError):
        await bot.call("getMe")
    assert (await bot.call("getMe"))["result"]["is_bot"]


async def test_a_lost_answer_means_that_the_message_is_there(telegram: BotApiServer, bot: Bot) -> None:
    ada = telegram.person()
    await ada.says("hi")
    telegram.fail("sendMessage", faults.LoseAnswer())
    with pytest.raises(httpx.RemoteProtocolError):
        await bot.call("sendMessage", json={"chat_id": ada.id, "text": "hello"})
    assert [sent.text for sent in telegram.to(ada)] == ["hello"]


async def test_waiting_for_what_never_comes_says_what_came(telegram: BotApiServer, bot: Bot) -> None:
    ada = telegram.person()
    await ada.says("hi")
    await bot.call("sendMessage", json={"chat_id": ada.id, "text": "something else"})
    with pytest.raises(AssertionError, match="something else"):
        await telegram.wait_for(lambda sent: sent.text == "this", timeout_s=0.05)


def test_the_schema_refuses_what_is_no_update() -> None:
    assert update_fault({"update_id": 1, "message": {"text": "no id, no chat, no date"}})
    assert update_fault({"update_id": 1}) is None


@pytest.mark.skipif(not FULL_SCHEMA.exists(), reason="the full Bot API schema is not beside this checkout")
def test_the_trimmed_schema_is_what_the_script_makes_of_the_full_one() -> None:
    assert TRIMMED.read_text("utf-8") == written(trim(json.loads(FULL_SCHEMA.read_text("utf-8"))))


def test_the_trimmed_schema_is_small_and_has_every_method_that_the_server_offers() -> None:
    assert TRIMMED.stat().st_size < 200_000
    assert json.loads(TRIMMED.read_text("utf-8"))["params"].keys() == set(METHODS)
