"""Waiting for a condition instead of sleeping."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import TypeVar, overload

T = TypeVar("T")
_TIMES_AS_LONG = 5
_LONGEST_PAUSE_S = 0.2


@overload
async def eventually(
    check: Callable[[], Awaitable[T]], timeout_s: float = 10, every_s: float = 0.02
) -> T: ...


@overload
async def eventually(check: Callable[[], T], timeout_s: float = 10, every_s: float = 0.02) -> T: ...


async def eventually(check: Callable[[], object], timeout_s: float = 10, every_s: float = 0.02) -> object:
    """Return the first truthy result of `check`, sync or async.

    An AssertionError of the check means "not yet", and is what the timeout's error was caused by. What
    takes a while is asked for less often, so as not to keep busy what is waited for.

    Raises:
        AssertionError: nothing truthy within `timeout_s`.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + timeout_s
    while True:
        began = loop.time()
        failure: AssertionError | None = None
        result: object = None
        try:
            found = check()
            result = await found if inspect.isawaitable(found) else found
        except AssertionError as error:
            failure = error
        if result:
            return result
        if loop.time() > deadline:
            raise AssertionError(f"not within {timeout_s} s; last: {failure or result!r}") from failure
        await asyncio.sleep(max(every_s, min(_TIMES_AS_LONG * (loop.time() - began), _LONGEST_PAUSE_S)))
