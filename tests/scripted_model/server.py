"""The server."""

import asyncio
import itertools
import json
import socket
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from litestar import Litestar, Request, Response, post
from litestar.response import Stream

from tests.scripted_model.moves import Asked, Call, Move, Words

TOKENS_IN, TOKENS_OUT = 100, 20
"""What each answer says that it used."""


@dataclass
class ScriptedServer:
    """Plays one script for each kind of task; keeps what it was asked.

    Attributes:
        scripts: By words that the task's system prompt holds; "" is any task's.
        url: For OPENAI_BASE_URL.
        asked: All requests, in their order.
        delay_s: Before each answer.
    """

    scripts: Mapping[str, Sequence[Move]]
    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    delay_s: float = 0.0
    _places: dict[str, Iterator[Move]] = field(default_factory=dict)
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def app(self) -> Litestar:
        """The one route."""

        @post("/v1/chat/completions", status_code=200)
        async def complete(request: Request[Any, Any, Any]) -> Response[Any] | Stream:
            asked = Asked(await request.json())
            self.asked.append(asked)
            await asyncio.sleep(self.delay_s)
            move = self._next(asked)
            if isinstance(move, int):
                return Response({"error": {"message": "no"}}, status_code=move)
            return Stream(_frames(self._deltas(move)), media_type="text/event-stream")

        return Litestar([complete], openapi_config=None, logging_config=None)

    def _next(self, asked: Asked) -> Any:
        known = [words for words in self.scripts if words and words in asked.system]
        name = max(known, key=len) if known else ""
        moves = self._places.setdefault(name, iter(self.scripts.get(name, ())))
        move: Any = next(moves, 500)
        while callable(move):
            move = move(asked)
        return move

    def _deltas(self, move: Call | list[Call] | Words) -> list[dict[str, Any]]:
        if isinstance(move, Words):
            return [{"content": piece + " "} for piece in move.text.split(" ")]
        calls = move if isinstance(move, list) else [move]
        return [{"tool_calls": [self._call(index, one)]} for index, one in enumerate(calls)]

    def _call(self, index: int, one: Call) -> dict[str, Any]:
        function = {"name": one.name, "arguments": json.dumps(one.arguments)}
        return {"index": index, "id": f"call-{next(self._ids)}", "type": "function", "function": function}


async def _frames(deltas: list[dict[str, Any]]) -> AsyncIterator[str]:
    calls = any("tool_calls" in delta for delta in deltas)
    for delta in [{"role": "assistant", "content": ""}, *deltas]:
        yield _frame([{"index": 0, "delta": delta, "finish_reason": None}])
    yield _frame([{"index": 0, "delta": {}, "finish_reason": "tool_calls" if calls else "stop"}])
    usage = {
        "prompt_tokens": TOKENS_IN,
        "completion_tokens": TOKENS_OUT,
        "total_tokens": TOKENS_IN + TOKENS_OUT,
    }
    yield _frame([], usage=usage)
    yield "data: [DONE]\n\n"


def _frame(choices: list[dict[str, Any]], **more: Any) -> str:
    head = {"id": "c-1", "object": "chat.completion.chunk", "created": 1, "model": "own", "choices": choices}
    return f"data: {json.dumps(head | more)}\n\n"


class _QuietServer(uvicorn.Server):
    @asynccontextmanager
    async def running(self) -> AsyncIterator[int]:
        # Whoever connects before it has started waits in the socket's queue.
        listener = socket.create_server(("127.0.0.1", 0))
        task = asyncio.create_task(self._serve([listener]))
        try:
            yield listener.getsockname()[1]
        finally:
            self.should_exit = True
            await task


@asynccontextmanager
async def scripted_models(
    scripts: Mapping[str, Sequence[Move]], *, delay_s: float = 0.0
) -> AsyncIterator[ScriptedServer]:
    """A script for each kind of task, on a free port of this machine."""
    served = ScriptedServer(scripts, delay_s=delay_s)
    config = uvicorn.Config(
        served.app(), lifespan="off", log_config=None, loop="none", ws="none", timeout_graceful_shutdown=1
    )
    async with _QuietServer(config).running() as port:
        served.url = f"http://127.0.0.1:{port}/v1"
        yield served


@asynccontextmanager
async def scripted_model(*moves: Move, delay_s: float = 0.0) -> AsyncIterator[ScriptedServer]:
    """One script for whatever is asked."""
    async with scripted_models({"": moves}, delay_s=delay_s) as served:
        yield served
