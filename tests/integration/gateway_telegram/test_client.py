"""What aiogram has to be held by, so that no call costs more than it must."""

import gc
import weakref

import pytest


@pytest.mark.parametrize(
    "name",
    [
        "EditMessageText",
        "GetFile",
        "GetMe",
        "GetUpdates",
        "GetWebhookInfo",
        "SendMessage",
        "SetMessageReaction",
    ],
)
def test_the_model_of_an_answer_is_made_once(name: str) -> None:
    from aiogram import methods
    from aiogram.methods.base import Response

    from gateway.telegram import client

    assert client.CALL_TIMEOUT_S, "with the client's module loaded"
    made = weakref.ref(Response[getattr(methods, name).__returning__])  # type: ignore[misc]
    gc.collect()
    assert made() is not None
