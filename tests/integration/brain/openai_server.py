"""A small server that speaks OpenAI's chat completions, streamed, as other vendors' servers do."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from litestar import Litestar, Request, Response, post
from litestar.response import Stream

Delta = dict[str, Any]


def words(text: str) -> list[Delta]:
    """An answer in words, one delta each."""
    return [{"content": word + " "} for word in text.split()]


def tool_call(name: str, arguments: dict[str, Any]) -> list[Delta]:
    """A tool call, its arguments cut in two as providers do."""
    encoded = json.dumps(arguments)
    half = len(encoded) // 2
    begin = {"index": 0, "id": "call_1", "type": "function", "function": {"name": name, "arguments": ""}}
    pieces = [{"index": 0, "function": {"arguments": part}} for part in (encoded[:half], encoded[half:])]
    return [{"tool_calls": [piece]} for piece in (begin, *pieces)]


@dataclass
class OpenAIServer:
    """Answers each request with the next script; keeps what it was asked."""

    scripts: list[list[Delta] | int]
    """Deltas to stream, or an HTTP status to fail with."""
    url: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    def app(self) -> Litestar:
        @post("/v1/chat/completions", status_code=200)
        async def complete(request: Request[Any, Any, Any]) -> Response[Any] | Stream:
            self.requests.append(await request.json())
            self.keys.append(request.headers.get("authorization", ""))
            script = self.scripts[len(self.requests) - 1]
            if isinstance(script, int):
                return Response({"error": {"message": "no"}}, status_code=script)
            return Stream(_frames(script), media_type="text/event-stream")

        return Litestar([complete], openapi_config=None, logging_config=None)


async def _frames(deltas: list[Delta]) -> AsyncIterator[str]:
    calls = any("tool_calls" in delta for delta in deltas)
    for delta in [{"role": "assistant", "content": ""}, *deltas]:
        yield _frame([{"index": 0, "delta": delta, "finish_reason": None}])
    yield _frame([{"index": 0, "delta": {}, "finish_reason": "tool_calls" if calls else "stop"}])
    yield _frame([], usage={"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12})
    yield "data: [DONE]\n\n"


def _frame(choices: list[dict[str, Any]], **more: Any) -> str:
    head = {"id": "c-1", "object": "chat.completion.chunk", "created": 1, "model": "own", "choices": choices}
    return f"data: {json.dumps(head | more)}\n\n"


class QuietServer(uvicorn.Server):
    """uvicorn without signals, beside a test."""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[int]:
        """On a free port of this machine."""
        # Whoever connects before it has started waits in the socket's queue.
        listener = socket.create_server(("127.0.0.1", 0))
        task = asyncio.create_task(self._serve([listener]))
        yield listener.getsockname()[1]
        self.should_exit = True
        await task


@asynccontextmanager
async def openai_server(*scripts: list[Delta] | int) -> AsyncIterator[OpenAIServer]:
    """The server on a free port of this machine."""
    served = OpenAIServer(list(scripts))
    config = uvicorn.Config(served.app(), lifespan="off", log_config=None, loop="none", ws="none")
    async with QuietServer(config).running() as port:
        served.url = f"http://127.0.0.1:{port}/v1"
        yield served
