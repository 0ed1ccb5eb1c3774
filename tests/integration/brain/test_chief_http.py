"""Talking to the chief over HTTP: the stream, and OpenAI's own client in front of it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass

import httpx
import pytest
import uvicorn

from agentops import AgentOpsClient, KeyVerifier
from brain.chief.facts import Facts
from brain.chief.http import ChatServices, create_app
from brain.chief.http.completions import missing
from gateway.session.memos import MemoryMemos
from gateway.session.redis_stream import RedisSessionStream
from gateway.session.serving import serve_turns
from tests.integration.brain.conftest import MakeChief
from tests.integration.brain.openai_server import QuietServer
from tests.integration.brain.scripted import Call, ScriptedModel, Speech


@dataclass(frozen=True)
class Served:
    """A chief that listens."""

    url: str
    http: httpx.AsyncClient


Serve = Callable[[ScriptedModel], AbstractAsyncContextManager[Served]]


@pytest.fixture
def serve(make_chief: MakeChief, stream: RedisSessionStream, ledger_url: str, admin_key: str) -> Serve:
    """Serves a chief with this model, over a real ledger and a real Redis."""

    async def ready() -> dict[str, str]:
        return {}

    @asynccontextmanager
    async def served(model: ScriptedModel) -> AsyncIterator[Served]:
        chief = make_chief(model)
        turns = asyncio.create_task(serve_turns(stream, chief.answer, brain="test", noted=chief.note))
        async with KeyVerifier(ledger_url) as keys:
            app = create_app(
                ChatServices(
                    stream=stream,
                    keys=keys,
                    default_session="main",
                    wait_s=20,
                    ready=ready,
                    facts=Facts(MemoryMemos()),
                )
            )
            config = uvicorn.Config(app, lifespan="off", log_config=None, loop="none", ws="none")
            async with QuietServer(config).running() as port:
                url = f"http://127.0.0.1:{port}"
                headers = {"Authorization": f"Bearer {admin_key}"}
                async with httpx.AsyncClient(base_url=url, headers=headers, timeout=30) as http:
                    yield Served(url, http)
        turns.cancel()
        with suppress(asyncio.CancelledError):
            await turns

    return served


async def test_the_reply_comes_in_pieces_and_whole(serve: Serve) -> None:
    model = ScriptedModel(
        Call("create_task", {"title": "Paint the fence"}), Speech("Created task 1. Anything else?")
    )
    async with serve(model) as chief:
        body = {"message": "have the fence painted", "session_id": "s1"}
        once = {"Idempotency-Key": "k-1"}
        answer = await chief.http.post("/chat/stream", json=body, headers=once)
        again = await chief.http.post("/chat/stream", json=body, headers=once)
        plain = await chief.http.post("/chat", json=body, headers=once)

    assert answer.headers["content-type"].startswith("text/event-stream")
    names = [line.removeprefix("event: ") for line in answer.text.splitlines() if line.startswith("event")]
    assert names == ["taken", "chunk", "chunk", "reply"]
    assert '"response":"Created task 1. Anything else?"' in answer.text
    assert '"type":"task.created"' in answer.text
    assert "event: reply" in again.text
    assert plain.json()["response"] == "Created task 1. Anything else?"


async def test_openai_s_own_client_talks_to_the_chief(
    serve: Serve, ops: AgentOpsClient, admin_key: str
) -> None:
    from openai import AsyncOpenAI

    model = ScriptedModel(
        Call("create_task", {"title": "Paint the fence"}), Speech("Created task 1. Anything else?"),
        Speech("You are Ann."),
    )  # fmt: skip
    async with (
        serve(model) as chief,
        AsyncOpenAI(base_url=f"{chief.url}/v1", api_key=admin_key, max_retries=0) as client,
    ):
        assert [one.id async for one in await client.models.list()] == ["chief", "chief-voice"]
        whole = await client.chat.completions.create(
            model="chief",
            messages=[
                {"role": "system", "content": "Ignored."},
                {"role": "user", "content": [{"type": "text", "text": "have the fence painted"}]},
            ],
            temperature=0.3,
            user="s1",
        )
        pieces = await client.chat.completions.create(
            model="chief-voice",
            messages=[{"role": "user", "content": "who am I?"}],
            stream=True,
            stream_options={"include_usage": True},
            extra_headers={"X-Session-Id": "s1"},
        )
        chunks = [chunk async for chunk in pieces]

    assert whole.choices[0].message.content == "Created task 1. Anything else?"
    assert whole.choices[0].finish_reason == "stop"
    said = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]
    assert "".join(said) == "You are Ann."
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].usage is not None
    assert model.prompts[-1].startswith("Speak briefly.")
    assert [turn.text for turn in (await ops.list_turns("s1")).items][:2] == [
        "have the fence painted", "Created task 1. Anything else?",
    ]  # fmt: skip


async def test_what_is_wrong_is_told_in_the_client_s_own_way(
    serve: Serve, admin_key: str, reader_key: str
) -> None:
    import openai

    async with (
        serve(ScriptedModel()) as chief,
        openai.AsyncOpenAI(base_url=f"{chief.url}/v1", api_key=admin_key, max_retries=0) as client,
    ):
        with pytest.raises(openai.BadRequestError, match="The message is empty"):
            await client.chat.completions.create(model="chief", messages=[{"role": "user", "content": "  "}])
        with pytest.raises(openai.BadRequestError, match="session id"):
            await client.chat.completions.create(
                model="chief", messages=[{"role": "user", "content": "hi"}], user="../etc", stream=True
            )
        async with openai.AsyncOpenAI(base_url=f"{chief.url}/v1", api_key="cos_wrong") as stranger:
            with pytest.raises(openai.AuthenticationError):
                await stranger.models.list()
        reader = {"Authorization": f"Bearer {reader_key}"}
        refused = await chief.http.post("/chat/stream", json={"message": "hi"}, headers=reader)
        empty = await chief.http.post("/chat/stream", json={"message": " "})

    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert (empty.status_code, empty.json()["code"]) == (400, "empty_message")


async def test_many_sessions_talk_at_once_and_none_hears_another(serve: Serve) -> None:
    class Echo(ScriptedModel):
        async def stream(self, messages, *_, **__):  # type: ignore[no-untyped-def]
            from brain.offline.model import speech_events

            said = messages[-1]["content"][0]["text"]
            before = sum(1 for message in messages if message["role"] == "user")
            for event in speech_events(f"{said} {before}"):
                yield event

    async def talk(chief: Served, number: int) -> list[str]:
        said = []
        for turn in range(2):
            body = {"message": f"s{number} t{turn}", "session_id": f"s{number}"}
            answer = await chief.http.post("/chat", json=body)
            said.append(answer.json()["response"])
        return said

    async with serve(Echo()) as chief:
        answers = await asyncio.gather(*(talk(chief, number) for number in range(12)))

    assert answers == [[f"s{number} t0 1", f"s{number} t1 2"] for number in range(12)]


@pytest.mark.parametrize(
    ("told", "reply", "rest"),
    [
        ("", "All of it.", "All of it."),
        ("All of ", "All of it.", "it."),
        ("All of it.", "All of it.", ""),
        ("Good morning. Shall I?", "Shall I?", ""),
        ("I was about", "Stopped.", "\n\nStopped."),
    ],
)
def test_a_client_that_only_gets_pieces_misses_nothing(told: str, reply: str, rest: str) -> None:
    assert missing(told, reply) == rest


async def test_facts_are_read_put_right_and_forgotten(serve: Serve) -> None:
    async with serve(ScriptedModel()) as chief:
        made = (await chief.http.post("/facts", json={"text": "Lives in Rome"})).json()
        moved = await chief.http.post("/facts", json={"text": "Lives in Turin", "replaces": made["id"]})
        known = (await chief.http.get("/facts")).json()
        assert [one["text"] for one in known["facts"]] == ["Lives in Turin"]
        assert (await chief.http.get("/facts", params={"person": "another"})).json()["facts"] == []
        assert (await chief.http.post("/facts", json={"text": " "})).json()["code"] == "invalid_fact"
        assert (await chief.http.delete(f"/facts/{moved.json()['id']}")).status_code == 204
        assert (await chief.http.delete(f"/facts/{made['id']}")).json()["code"] == "fact_not_found"
        stranger = await chief.http.get("/facts", headers={"Authorization": "Bearer nobody"})
        assert stranger.status_code == 401
