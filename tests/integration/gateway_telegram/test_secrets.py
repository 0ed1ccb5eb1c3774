"""The token is in every URL of the Bot API; it may be in no log and no error."""

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from gateway.outbound import Outgoing, RetryLater
from gateway.telegram import taking
from gateway.telegram.errors import TelegramError
from tests.botapi import BotApiServer, faults
from tests.integration.gateway_telegram.conftest import Desk

SECRET = "only-for-tests"


async def test_no_log_quotes_the_token(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(taking, "FIRST_WAIT_S", 0.02)
    monkeypatch.setattr(taking, "PATIENCE_S", 1.0)
    caplog.set_level("DEBUG")
    assert SECRET in desk.telegram.token
    for fault in (faults.Refuse(404, "Not Found"), faults.CutConnection(), faults.BadGateway()):
        desk.telegram.fail("getMe", fault)
        desk.telegram.fail("file", fault)
    with capture_logs() as logs:
        async with desk.running():
            await desk.owner.sends_document(b"x", "x.txt")
            await desk.owner.says("hello")
            await desk.telegram.wait_for(lambda sent: "send it again" in sent.text)
    assert {"telegram.token_refused", "telegram.message_delayed", "telegram.message_dropped"} <= {
        entry["event"] for entry in logs
    }
    assert SECRET not in str(logs)
    assert SECRET not in caplog.text


@pytest.mark.parametrize("fault", [faults.Refuse(404, "Not Found"), faults.CutConnection()], ids=str)
async def test_no_error_quotes_the_token(telegram: BotApiServer, fault: faults.Fault) -> None:
    from gateway.telegram.client import TelegramApi

    telegram.fail("file", fault, times=3)  # aiohttp itself repeats a GET that was cut
    ada = telegram.person()
    message = await ada.sends_document(b"x", "x.txt")
    async with TelegramApi(SecretStr(telegram.token), telegram.base_url) as api:
        with pytest.raises(TelegramError) as raised:
            await api.download(message["document"]["file_id"])
    assert SECRET not in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__


async def test_a_server_that_is_not_there_is_named_without_the_token(desk: Desk) -> None:
    outgoing = Outgoing(id="r", session_id="main", kind="reply", text="hi")
    desk.telegram.fail("sendMessage", faults.CutConnection())
    desk.owner.started = True

    async def sent() -> None:
        raise AssertionError

    with pytest.raises(RetryLater) as refused:
        await desk.channel.deliver(str(desk.owner.id), outgoing, sent)
    assert refused.value.reason
    assert SECRET not in refused.value.reason
