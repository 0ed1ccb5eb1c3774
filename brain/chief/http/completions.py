"""OpenAI's chat completions in front of the chief, for clients and voice stacks that speak them.

https://platform.openai.com/docs/api-reference/chat. The chief remembers for itself, so only the last message
of the user counts; what a client sends of the history, and of a system prompt, is left aside.
"""

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import HeaderParameter, JSONBody
from litestar.response import Stream

from brain.chief.http.chat import IdempotencyKey
from brain.chief.http.exchange import Heard, exchange, turn_of
from brain.chief.http.problems import ChatProblem, as_openai, problem_of
from brain.chief.http.services import ChatServices
from gateway.session.turns import Reply, ReplyChunk, Turn

MODEL = "chief"
VOICE_MODEL = "chief-voice"
"""Answers as on the phone: briefly, and without anything that cannot be read aloud."""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    role: str
    content: str | list[dict[str, Any]] | None = None
    """Words, or parts of which those with a `text` count."""


class StreamOptions(msgspec.Struct, frozen=True, kw_only=True):
    include_usage: bool = False


class CompletionRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Fields that the chief has no use for, such as a temperature, are left aside."""

    messages: list[Message]
    model: str = MODEL
    stream: bool = False
    stream_options: StreamOptions | None = None
    user: str = ""
    """The session; empty: the owner's."""


class Said(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    role: str | None = None
    content: str | None = None


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    index: int = 0
    message: Said
    finish_reason: str = "stop"


class DeltaChoice(msgspec.Struct, frozen=True, kw_only=True):
    index: int = 0
    delta: Said
    finish_reason: str | None = None


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing: what the chief's model uses is in the ledger, under /usage."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    total_tokens: int = 0


class Completion(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    object: str = "chat.completion"
    created: int
    model: str
    choices: list[Choice]
    usage: Usage = Usage()


class CompletionChunk(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    object: str = "chat.completion.chunk"
    created: int
    model: str
    choices: list[DeltaChoice]
    usage: Usage | None = None


class ModelCard(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    object: str = "model"
    created: int = 0
    owned_by: str = "chief-of-staff"


class ModelCards(msgspec.Struct, frozen=True, kw_only=True):
    object: str = "list"
    data: list[ModelCard]


SessionHeader = Annotated[str | None, HeaderParameter(name="X-Session-Id", max_length=100)]


@get("/v1/models")
async def models() -> ModelCards:
    """Which names `model` may have."""
    return ModelCards(data=[ModelCard(id=MODEL), ModelCard(id=VOICE_MODEL)])


@post("/v1/chat/completions", status_code=200)
async def completions(
    data: JSONBody[CompletionRequest],
    services: NamedDependency[ChatServices],
    idempotency_key: IdempotencyKey = None,
    session: SessionHeader = None,
) -> Response[Completion] | Stream:
    """Say something to the chief. The session is `X-Session-Id`, else `user`, else the owner's."""
    turn = turn_of(
        _last_words(data.messages),
        session or data.user or services.default_session,
        idempotency_key,
        channel="call" if data.model == VOICE_MODEL else "api",
    )
    heard = exchange(services.stream, turn, wait_s=services.wait_s)
    if not data.stream:
        return Response(await _whole(heard, turn, data.model))
    # Now, so that a refusal is a status and not an event.
    await anext(heard)
    with_usage = data.stream_options is not None and data.stream_options.include_usage
    return Stream(_chunks(heard, turn, data.model, with_usage=with_usage), media_type="text/event-stream")


async def _whole(heard: AsyncGenerator[Heard], turn: Turn, model: str) -> Completion:
    async with aclosing(heard):
        async for said in heard:
            if isinstance(said, Reply):
                message = Said(role="assistant", content=said.text)
                choices = [Choice(message=message)]
                return Completion(id=_id(turn), created=_now(), model=model, choices=choices)
    raise AssertionError("an exchange ends with a reply")


async def _chunks(
    heard: AsyncGenerator[Heard], turn: Turn, model: str, *, with_usage: bool
) -> AsyncGenerator[bytes]:
    def frame(*choices: DeltaChoice, usage: Usage | None = None) -> bytes:
        chunk = CompletionChunk(id=_id(turn), created=_now(), model=model, choices=list(choices), usage=usage)
        return b"data: " + msgspec.json.encode(chunk) + b"\n\n"

    yield frame(DeltaChoice(delta=Said(role="assistant", content="")))
    told = ""
    async with aclosing(heard):
        try:
            async for said in heard:
                text = said.text if isinstance(said, ReplyChunk) else ""
                if isinstance(said, Reply):
                    text = missing(told, said.text)
                told += text
                if text:
                    yield frame(DeltaChoice(delta=Said(content=text)))
        except ChatProblem as problem:
            yield b"data: " + msgspec.json.encode(as_openai(problem_of(problem))) + b"\n\n"
        else:
            yield frame(DeltaChoice(delta=Said(), finish_reason="stop"))
    if with_usage:
        yield frame(usage=Usage())
    yield b"data: [DONE]\n\n"


def missing(told: str, reply: str) -> str:
    """What of a reply did not come in pieces. What was told cannot be taken back on this wire."""
    if told.strip().endswith(reply.strip()):
        return ""
    if reply.startswith(told):
        return reply[len(told) :]
    return f"\n\n{reply}"


def _last_words(messages: list[Message]) -> str:
    last = next((message for message in reversed(messages) if message.role == "user"), None)
    if last is None:
        raise ChatProblem(400, "empty_message", "There is no message of the user.")
    if isinstance(last.content, str):
        return last.content
    parts = [str(part["text"]) for part in last.content or () if part.get("text")]
    return "\n".join(parts)


def _id(turn: Turn) -> str:
    return f"chatcmpl-{turn.id.removeprefix('turn-')}"


def _now() -> int:
    return int(time.time())
