"""`POST /chat` and its streaming twin."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import msgspec
from litestar import post
from litestar.di import NamedDependency
from litestar.params import HeaderParameter, JSONBody
from litestar.response import Stream

from brain.chief.http.exchange import Heard, Taken, exchange, turn_of
from brain.chief.http.problems import ChatProblem, problem_of
from brain.chief.http.services import ChatServices
from gateway.session.turns import Interrupted, Reply, ReplyChunk

IdempotencyKey = Annotated[str | None, HeaderParameter(name="Idempotency-Key", max_length=200)]


class ChatRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    message: str
    session_id: str = ""
    """Empty: the owner's session."""


class ChatAction(msgspec.Struct, frozen=True, kw_only=True):
    type: str
    entity_id: str
    title: str


class ChatResponse(msgspec.Struct, frozen=True, kw_only=True):
    response: str
    actions: list[ChatAction]
    """What the turn changed, as the ledger shows it."""


class ChatPiece(msgspec.Struct, frozen=True, kw_only=True):
    text: str


class ChatTaken(msgspec.Struct, frozen=True, kw_only=True):
    turn_id: str


@post("/chat", status_code=200)
async def chat(
    data: JSONBody[ChatRequest],
    services: NamedDependency[ChatServices],
    idempotency_key: IdempotencyKey = None,
) -> ChatResponse:
    """Say something and wait for the reply. The same `Idempotency-Key` again gives the same reply."""
    turn = turn_of(data.message, data.session_id or services.default_session, idempotency_key)
    async with aclosing(exchange(services.stream, turn, wait_s=services.wait_s)) as heard:
        async for said in heard:
            if isinstance(said, Reply):
                return _response(said)
    raise AssertionError("an exchange ends with a reply")


@post("/chat/stream", status_code=200)
async def chat_stream(
    data: JSONBody[ChatRequest],
    services: NamedDependency[ChatServices],
    idempotency_key: IdempotencyKey = None,
) -> Stream:
    """Say something and hear the reply as it comes, as server-sent events.

    `taken` once the message is safe; `chunk` for each piece; `interrupted` when the pieces so far are void;
    `reply` at the end, with what counts; `error` instead, when it does not come in time.
    """
    turn = turn_of(data.message, data.session_id or services.default_session, idempotency_key)
    heard = exchange(services.stream, turn, wait_s=services.wait_s)
    # Now, so that a refusal is a status and not an event.
    first = await anext(heard)
    return Stream(_events(first, heard), media_type="text/event-stream", headers=_NOT_CACHED)


_NOT_CACHED = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}


async def _events(first: Heard, heard: AsyncGenerator[Heard]) -> AsyncGenerator[bytes]:
    yield _event(first)
    async with aclosing(heard):
        try:
            async for said in heard:
                yield _event(said)
        except ChatProblem as problem:
            yield _frame("error", problem_of(problem))


def _event(said: Heard) -> bytes:
    match said:
        case Taken():
            return _frame("taken", ChatTaken(turn_id=said.turn_id))
        case ReplyChunk():
            return _frame("chunk", ChatPiece(text=said.text))
        case Interrupted():
            return _frame("interrupted", ChatTaken(turn_id=said.turn_id))
        case Reply():
            return _frame("reply", _response(said))


def _frame(name: str, data: msgspec.Struct) -> bytes:
    # msgspec escapes line breaks, so the data is one line.
    return f"event: {name}\ndata: ".encode() + msgspec.json.encode(data) + b"\n\n"


def _response(reply: Reply) -> ChatResponse:
    actions = [ChatAction(type=a.type, entity_id=a.entity_id, title=a.title) for a in reply.actions]
    return ChatResponse(response=reply.text, actions=actions)
