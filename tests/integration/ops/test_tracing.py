"""One trace from a word to the finished task: what each process says is sent to an OTLP server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from aiohttp import web
from opentelemetry import trace
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.util._once import Once
from strands import Agent, tool
from strands.telemetry import tracer as strands_tracer

from agentops import AgentOpsClient, tracing
from agentops.wire import NewTask, TaskStatus
from agentops.worker import Worker
from brain.offline.dialogue import Call, Speech
from gateway.session.redis_stream import open_session_stream
from gateway.session.serving import Say, serve_turns
from gateway.session.turns import Reply, Turn
from ops.settings import OpsSettings
from ops.tracing import exported
from tests.conformance.turns import a_reply, a_turn
from tests.integration.brain.scripted import ScriptedModel
from tests.ledger_fixtures import ADMIN_KEY, AGENT_KEY
from tests.waiting import eventually


@pytest.fixture
def own_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenTelemetry keeps one provider for a process: put the other one back afterwards."""
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", None)
    monkeypatch.setattr(trace, "_TRACER_PROVIDER_SET_ONCE", Once())
    monkeypatch.setattr(strands_tracer, "_tracer_instance", None)


class Collector:
    """An OTLP server that keeps what it is sent."""

    def __init__(self) -> None:
        self.endpoint = ""
        self.spans: dict[str, str] = {}
        """Name → trace id, in hex."""
        self.services: set[str] = set()
        self.sent = b""
        """All of it, as it came."""

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.sent += body
        sent = ExportTraceServiceRequest.FromString(body)
        for group in sent.resource_spans:
            named = {one.key: one.value.string_value for one in group.resource.attributes}
            self.services.add(named["service.name"])
            for scope in group.scope_spans:
                self.spans |= {span.name: span.trace_id.hex() for span in scope.spans}
        return web.Response(content_type="application/x-protobuf")


@pytest.fixture
async def collector() -> AsyncIterator[Collector]:
    """A running one."""
    found = Collector()
    app = web.Application()
    app.router.add_post("/v1/traces", found.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    [address] = runner.addresses
    found.endpoint = f"http://127.0.0.1:{address[1]}"
    yield found
    await runner.cleanup()


async def work(_: object) -> dict[str, str]:
    """Whatever is asked for."""
    return {"summary": "done"}


@tool
def paint(what: str) -> str:
    """Paint something."""
    return f"{what}: painted and dried"


async def test_one_trace_runs_from_a_word_to_the_finished_task(
    own_provider: None, collector: Collector, ledger_url: str, redis_url: str
) -> None:
    settings = OpsSettings.model_validate({"otlp_endpoint": collector.endpoint})

    async def answer(turn: Turn, say: Say) -> Reply:
        agent = Agent(
            model=ScriptedModel(Call("paint", {"what": "fence"}), Speech("It is painted in scarlet.")),
            tools=[paint],
            system_prompt="Their name is Ada.",
            callback_handler=None,
        )
        await agent.invoke_async(turn.text)
        async with AgentOpsClient(url=ledger_url, api_key=ADMIN_KEY) as ops:
            await ops.create_task(NewTask(title=turn.text))
        return a_reply(turn)

    leaving = exported("test", settings)
    leaving.__enter__()
    try:
        async with (
            open_session_stream(redis_url) as stream,
            AgentOpsClient(url=ledger_url, api_key=AGENT_KEY) as ops,
            asyncio.TaskGroup() as group,
        ):
            worker = Worker(ops, "hand", work)
            tasks = [
                group.create_task(serve_turns(stream, answer, brain="b", slots=1)),
                group.create_task(worker.run()),
            ]
            await stream.append(a_turn("Paint the fence"))

            async def finished() -> bool:
                return bool((await ops.list_tasks(status=[TaskStatus.COMPLETED])).items)

            await eventually(finished, timeout_s=30)
            events = (await ops.list_events(after="0", types=("task.created",))).events
            for task in tasks:
                task.cancel()
    finally:
        # It waits for the collector, which answers in this very loop.
        await asyncio.to_thread(leaving.__exit__, None, None, None)
    one = {"turn.received", "turn.answered", "chat", "execute_tool paint", "POST /api/v1/tasks", "task.work"}
    assert one <= collector.spans.keys()
    assert len({collector.spans[name] for name in one}) == 1
    assert events[0].traceparent is not None
    assert collector.spans["turn.received"] in events[0].traceparent
    assert collector.services == {"cos-test"}
    assert b"gen_ai.usage.output_tokens" in collector.sent
    said = (b"Paint", b"fence", b"Ada", b"scarlet", b"dried")
    assert [words for words in said if words in collector.sent] == []


async def test_without_an_address_nothing_is_measured() -> None:
    with exported("test", OpsSettings.model_validate({"otlp_endpoint": ""})):
        assert not tracing.followed()


async def test_a_trace_that_comes_from_outside_reaches_the_worker_all_the_same(
    ledger_url: str, ops: AgentOpsClient
) -> None:
    given = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    seen: list[dict[str, str]] = []

    async def watching(_: object) -> dict[str, str]:
        seen.append(tracing.header())
        return {"summary": "done"}

    with tracing.traced(given):
        await ops.create_task(NewTask(title="x", context={"mine": 1}))
    assert (await ops.find_task(1)).context == {"mine": 1, "traceparent": given}
    running = asyncio.create_task(Worker(ops, "hand", watching).run())
    await eventually(lambda: bool(seen))
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    assert seen == [{"traceparent": given}]
