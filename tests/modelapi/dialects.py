"""How each vendor puts an answer on the wire. Shapes from the vendors' public API references."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.modelapi.eventstream import event_frame
from tests.modelapi.scripts import Calls, Refuses, Says

IN, OUT = 9, 3
"""Tokens that every answer claims to have used."""


@dataclass(frozen=True)
class Dialect:
    """One protocol."""

    name: str
    media_type: str
    frames: Callable[[Says | Calls], Iterator[bytes]]
    refusal: Callable[[Refuses, str], bytes]
    key_headers: tuple[str, ...] = ("authorization",)
    closing_frames: int = 1
    """How many frames at the end say that the message is whole."""
    pieces: bool = True
    """Arguments of tool calls come in pieces, so that one can be missing."""


def _sse(data: dict[str, Any], event: str = "") -> bytes:
    head = f"event: {event}\n" if event else ""
    return f"{head}data: {json.dumps(data)}\n\n".encode()


# --- OpenAI's chat completions, which many others speak


def _openai(said: Says | Calls) -> Iterator[bytes]:
    if isinstance(said, Says):
        deltas: list[dict[str, Any]] = [{"content": piece} for piece in said.pieces]
    else:
        first = {
            "index": 0,
            "id": "call_1",
            "type": "function",
            "function": {"name": said.tool, "arguments": ""},
        }
        rest = [{"index": 0, "function": {"arguments": piece}} for piece in said.pieces]
        deltas = [{"tool_calls": [call]} for call in (first, *rest)]
    for delta in ({"role": "assistant", "content": ""}, *deltas):
        yield _chunk([{"index": 0, "delta": delta, "finish_reason": None}])
    reason = "stop" if isinstance(said, Says) else "tool_calls"
    yield _chunk([{"index": 0, "delta": {}, "finish_reason": reason}])
    yield _chunk([], usage={"prompt_tokens": IN, "completion_tokens": OUT, "total_tokens": IN + OUT})
    yield b"data: [DONE]\n\n"


def _chunk(choices: list[dict[str, Any]], **more: Any) -> bytes:
    head = {"id": "c-1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": choices}
    return _sse(head | more)


def _openai_refusal(refusal: Refuses, key: str) -> bytes:
    return json.dumps({"error": {"message": f"no: {key}", "type": "error", "code": "x"}}).encode()


# --- Anthropic's messages


def _anthropic(said: Says | Calls) -> Iterator[bytes]:
    message: dict[str, Any] = {
        "id": "m-1", "type": "message", "role": "assistant", "model": "m", "content": [], "stop_reason": None,
        "stop_sequence": None, "usage": {"input_tokens": IN, "output_tokens": 1},
    }  # fmt: skip
    yield _sse({"type": "message_start", "message": message}, "message_start")
    if isinstance(said, Says):
        block: dict[str, Any] = {"type": "text", "text": ""}
        deltas = [{"type": "text_delta", "text": piece} for piece in said.pieces]
    else:
        block = {"type": "tool_use", "id": "toolu_1", "name": said.tool, "input": {}}
        deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in said.pieces]
    yield _sse({"type": "content_block_start", "index": 0, "content_block": block}, "content_block_start")
    for delta in deltas:
        yield _sse({"type": "content_block_delta", "index": 0, "delta": delta}, "content_block_delta")
    yield _sse({"type": "content_block_stop", "index": 0}, "content_block_stop")
    reason = "end_turn" if isinstance(said, Says) else "tool_use"
    ending = {"stop_reason": reason, "stop_sequence": None}
    yield _sse({"type": "message_delta", "delta": ending, "usage": {"output_tokens": OUT}}, "message_delta")
    yield _sse({"type": "message_stop"}, "message_stop")


def _anthropic_refusal(refusal: Refuses, key: str) -> bytes:
    return json.dumps({"type": "error", "error": {"type": "error", "message": f"no: {key}"}}).encode()


# --- Gemini's streamGenerateContent


def _gemini(said: Says | Calls) -> Iterator[bytes]:
    if isinstance(said, Says):
        parts: list[dict[str, Any]] = [{"text": piece} for piece in said.pieces]
    else:
        parts = [{"functionCall": {"name": said.tool, "args": dict(said.arguments)}}]
    for part in parts:
        yield _sse({"candidates": [{"content": {"role": "model", "parts": [part]}, "index": 0}]})
    ending = {"content": {"role": "model", "parts": []}, "finishReason": "STOP", "index": 0}
    usage = {"promptTokenCount": IN, "candidatesTokenCount": OUT, "totalTokenCount": IN + OUT}
    yield _sse({"candidates": [ending], "usageMetadata": usage})


def _gemini_refusal(refusal: Refuses, key: str) -> bytes:
    status = {429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 401: "UNAUTHENTICATED"}.get(
        refusal.status, "UNKNOWN"
    )
    return json.dumps({"error": {"code": refusal.status, "message": f"no: {key}", "status": status}}).encode()


# --- Ollama's chat


def _ollama(said: Says | Calls) -> Iterator[bytes]:
    if isinstance(said, Says):
        messages: list[dict[str, Any]] = [{"role": "assistant", "content": piece} for piece in said.pieces]
    else:
        call = {"function": {"name": said.tool, "arguments": dict(said.arguments)}}
        messages = [{"role": "assistant", "content": "", "tool_calls": [call]}]
    for message in messages:
        yield _line({"model": "m", "message": message, "done": False})
    ending = {"done": True, "done_reason": "stop", "total_duration": 1_000_000, "prompt_eval_count": IN}
    yield _line({"model": "m", "message": {"role": "assistant", "content": ""}, "eval_count": OUT} | ending)


def _line(data: dict[str, Any]) -> bytes:
    return json.dumps(data).encode() + b"\n"


def _ollama_refusal(refusal: Refuses, key: str) -> bytes:
    return json.dumps({"error": f"no: {key}"}).encode()


# --- Bedrock's converse-stream


def _bedrock(said: Says | Calls) -> Iterator[bytes]:
    yield event_frame("messageStart", {"role": "assistant"})
    if isinstance(said, Says):
        deltas: list[dict[str, Any]] = [{"text": piece} for piece in said.pieces]
    else:
        start = {"toolUse": {"toolUseId": "tooluse_1", "name": said.tool}}
        yield event_frame("contentBlockStart", {"contentBlockIndex": 0, "start": start})
        deltas = [{"toolUse": {"input": piece}} for piece in said.pieces]
    for delta in deltas:
        yield event_frame("contentBlockDelta", {"contentBlockIndex": 0, "delta": delta})
    yield event_frame("contentBlockStop", {"contentBlockIndex": 0})
    reason = "end_turn" if isinstance(said, Says) else "tool_use"
    yield event_frame("messageStop", {"stopReason": reason})
    usage = {"inputTokens": IN, "outputTokens": OUT, "totalTokens": IN + OUT}
    yield event_frame("metadata", {"usage": usage, "metrics": {"latencyMs": 1}})


def _bedrock_refusal(refusal: Refuses, key: str) -> bytes:
    code = {429: "ThrottlingException", 401: "UnrecognizedClientException"}.get(refusal.status, "x")
    return json.dumps({"__type": code, "message": f"no: {key}"}).encode()


_EVENTS = "text/event-stream"
OPENAI = Dialect("openai", _EVENTS, _openai, _openai_refusal, closing_frames=3)
ANTHROPIC = Dialect(
    "anthropic", _EVENTS, _anthropic, _anthropic_refusal, ("x-api-key", "authorization"), closing_frames=3
)
GEMINI = Dialect("gemini", _EVENTS, _gemini, _gemini_refusal, ("x-goog-api-key",), pieces=False)
OLLAMA = Dialect("ollama", "application/x-ndjson", _ollama, _ollama_refusal, pieces=False)
BEDROCK = Dialect(
    "bedrock", "application/vnd.amazon.eventstream", _bedrock, _bedrock_refusal, closing_frames=3
)
DIALECTS = (OPENAI, ANTHROPIC, GEMINI, OLLAMA, BEDROCK)
