"""Connections to vendors that all calls of a process share."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from openai import AsyncOpenAI, AsyncStream

KEPT = httpx.Limits(max_connections=1000, max_keepalive_connections=100, keepalive_expiry=60)
"""As vendors' packages have it, but kept for a minute: after the 5 s that are usual, an answer to whoever has
listened and thought would begin with a new connection and its encryption."""
_LAST = b"data: [DONE]"
_END_S = 0.1
"""How long the end of an answer is waited for, once its last event is there."""


class SharedOpenAI:
    """OpenAI's client as Strands takes one, for any number of calls.

    Strands would make one for each request, which takes 20 ms of the event loop and a new connection; but it
    closes it with the request. Nobody else closes a stream that is left in the middle, so this does: until
    then the vendor goes on writing, and is paid for it.
    """

    def __init__(self, client: "AsyncOpenAI") -> None:
        self._create = client.chat.completions.create
        self.chat = SimpleNamespace(completions=SimpleNamespace(create=self._created))
        self.beta = client.beta

    async def _created(self, **request: Any) -> Any:
        answer = await self._create(**request)
        if not request.get("stream"):
            return answer
        answer.response.stream = _ToItsEnd(answer.response.stream)
        return _closed_when_left(answer)


async def _closed_when_left(answer: "AsyncStream[Any]") -> AsyncGenerator[Any]:
    async with answer:
        async for chunk in answer:
            yield chunk


class _ToItsEnd(httpx.AsyncByteStream):
    """Bytes of an answer whose reader stops at the last event. What is not read to its end is cut, with its
    connection; so the few bytes behind that event are read here.
    """

    def __init__(self, answer: httpx.AsyncByteStream) -> None:
        self._answer = answer
        self._parts = aiter(answer)
        self._tail = b""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._parts:
            self._tail = (self._tail + part)[-2 * len(_LAST) :]
            yield part

    async def aclose(self) -> None:
        if _LAST in self._tail:
            with suppress(TimeoutError, httpx.HTTPError):
                async with asyncio.timeout(_END_S):
                    async for _ in self._parts:
                        pass
        await self._answer.aclose()
