"""What aiogram has to be held by, so that no call costs more than it must."""

import gc
import weakref

import pytest
from aiogram.methods import (
    EditMessageText,
    GetFile,
    GetMe,
    GetUpdates,
    GetWebhookInfo,
    SendMessage,
    SetMessageReaction,
    TelegramMethod,
)
from aiogram.methods.base import Response

from gateway.telegram import client


@pytest.mark.parametrize(
    "method",
    [EditMessageText, GetFile, GetMe, GetUpdates, GetWebhookInfo, SendMessage, SetMessageReaction],
    ids=lambda method: method.__name__,
)
def test_the_model_of_an_answer_is_made_once(method: type[TelegramMethod[object]]) -> None:
    assert client.CALL_TIMEOUT_S, "with the client's module loaded"
    made = weakref.ref(Response[method.__returning__])  # type: ignore[name-defined]
    gc.collect()
    assert made() is not None
