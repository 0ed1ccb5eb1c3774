"""What handlers take is found out once, and rightly."""

import inspect
from collections.abc import Callable
from typing import Any

import pytest
from nicegui import helpers
from nicegui.observables import ObservableList

from ui import signatures


class Handlers:
    """Ways to take or not to take what has changed."""

    def nothing(self) -> None: ...

    def one(self, event: object) -> None: ...

    def perhaps(self, event: object = None, *more: object, **named: object) -> None: ...

    @classmethod
    def of_class(cls) -> None: ...


@pytest.mark.parametrize(
    "handler",
    [
        Handlers().nothing,
        Handlers().one,
        Handlers().perhaps,
        Handlers.of_class,
        Handlers.one,
        lambda: None,
        lambda event: event,
        [].append,
        [].clear,
    ],
)
def test_the_answer_is_nicegui_s_own(handler: Callable[..., Any]) -> None:
    expected = signatures._ask(handler)
    assert [signatures.expects_arguments(handler) for _ in range(2)] == [expected, expected]


def test_a_signature_is_read_once_for_all_instances(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(helpers, "expects_arguments", helpers.expects_arguments)
    signatures.remember()
    heard = [Handlers() for _ in range(3)]
    ObservableList([], on_change=heard[0].perhaps)
    monkeypatch.setattr(inspect, "signature", None)
    monkeypatch.setattr("nicegui.helpers.functions.signature", None)
    for one in heard:
        ObservableList([], on_change=one.perhaps).append(1)
