"""Drawing a page for less than NiceGUI takes on its own.

For each element NiceGUI asks three times whether a handler takes arguments, and has the signature read anew
each time: a third of what drawing a page cost. A function's methods all give the same answer.
"""

from collections.abc import Callable
from functools import lru_cache
from types import FunctionType, MethodType
from typing import Any

from nicegui import helpers

_ask = helpers.expects_arguments


def remember() -> None:
    """Let NiceGUI ask once for each function; from now on, in the whole process."""
    helpers.expects_arguments = expects_arguments


def expects_arguments(func: Callable[..., Any]) -> bool:
    """Whether a handler must be given something, as NiceGUI asks it."""
    if isinstance(func, MethodType) and isinstance(func.__func__, FunctionType):
        return _method_expects_arguments(func.__func__)
    return _ask(func)


@lru_cache(maxsize=1_000)
def _method_expects_arguments(function: FunctionType) -> bool:
    return _ask(MethodType(function, object()))
