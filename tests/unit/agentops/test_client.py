"""Every call asks the endpoint that the ledger documents, with what it was given."""

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest

from agentops import AgentOpsClient, wire
from agentops.errors import TaskNotFound
from agentops.wire import (
    AgentHeartbeat,
    Block,
    Cancel,
    ClaimNextRequest,
    ClaimRequest,
    Complete,
    Fail,
    GateAnswer,
    GateId,
    Heartbeat,
    NewAgent,
    NewKey,
    NewLogin,
    NewProject,
    NewTask,
    NewTurn,
    Page,
    Priority,
    ProjectId,
    ProjectPatch,
    Release,
    Retry,
    Scope,
    TaskId,
    TaskPatch,
    TaskStatus,
)
from tests.unit.agentops import records
from tests.unit.agentops.fixtures import client
from tests.unit.agentops.scripted_http import Answer, body_of, scripted

T = TaskId("t1")
P = ProjectId("p1")
G = GateId("g1")
Ops = AgentOpsClient


@dataclass(frozen=True)
class Row:
    """A call, and the request that it makes."""

    call: Callable[[Ops], Awaitable[Any]]
    request: str
    body: Any = None
    answer: Any = None


NO_ITEMS: dict[str, Any] = {"items": []}
TASK = records.task()
MINTED = {**msgspec.to_builtins(records.key()), "secret": "s3cret"}
GATE: dict[str, Any] = {
    "id": "g1",
    "task_id": "t1",
    "kind": "question",
    "question": "?",
    "options": [],
    "status": "open",
    "answer": None,
    "answered_by": None,
    "created_at": records.NOON,
    "answered_at": None,
    "expires_at": None,
}
AGENT: dict[str, Any] = {
    "name": "seed-1",
    "kind": "seed",
    "status": "online",
    "capabilities": [],
    "software": "",
    "current_tasks": [],
    "last_seen_at": records.NOON,
    "created_at": records.NOON,
}
CLAIM = {"task": TASK, "epoch": 1, "lease_expires_at": records.NOON, "inputs": [], "answers": []}
TURN: dict[str, Any] = {
    "id": "turn-1",
    "session_id": "main",
    "seq": 1,
    "role": "person",
    "channel": "web",
    "text": "hi",
    "attachments": [],
    "reply_to": None,
    "task_id": None,
    "said_at": records.NOON,
}
SAID = NewTurn(id="turn-1", role="person", channel="web", text="hi")

ROWS = {
    "create_project": Row(
        lambda ops: ops.create_project(NewProject(name="n")),
        "POST /projects",
        {"name": "n", "description": ""},
        records.project(),
    ),
    "list_projects": Row(lambda ops: ops.list_projects(), "GET /projects", answer=NO_ITEMS),
    "get_project": Row(lambda ops: ops.get_project(P), "GET /projects/p1", answer=records.project()),
    "update_project": Row(
        lambda ops: ops.update_project(P, ProjectPatch(name="n", version=2)),
        "PATCH /projects/p1",
        {"name": "n", "version": 2},
        records.project(),
    ),
    "delete_project": Row(lambda ops: ops.delete_project(P), "DELETE /projects/p1"),
    "create_task": Row(
        lambda ops: ops.create_task(NewTask(title="t", priority=Priority.HIGH)), "POST /tasks", answer=TASK
    ),
    "get_task": Row(lambda ops: ops.get_task(T), "GET /tasks/t1", answer=TASK),
    "find_task": Row(lambda ops: ops.find_task(12), "GET /tasks?number=12", answer={"items": [TASK]}),
    "list_tasks": Row(
        lambda ops: ops.list_tasks(
            status=[TaskStatus.PENDING, TaskStatus.BLOCKED],
            project_id=P,
            priority=Priority.HIGH,
            assigned_to="seed-1",
            origin="main",
            q="a b",
            limit=9,
            cursor="c",
        ),
        "GET /tasks?status=pending%2Cblocked&project_id=p1&priority=high&assigned_to=seed-1&origin=main"
        "&q=a+b&limit=9&cursor=c",
        answer=NO_ITEMS,
    ),
    "update_task": Row(
        lambda ops: ops.update_task(T, TaskPatch(due_at=None)), "PATCH /tasks/t1", {"due_at": None}, TASK
    ),
    "list_attempts": Row(lambda ops: ops.list_attempts(T), "GET /tasks/t1/attempts", answer=NO_ITEMS),
    "cancel": Row(
        lambda ops: ops.cancel(T, Cancel(reason="r")),
        "POST /tasks/t1/cancel",
        {"reason": "r", "epoch": None},
        TASK,
    ),
    "retry": Row(lambda ops: ops.retry(T, Retry()), "POST /tasks/t1/retry", {"reason": ""}, TASK),
    "claim": Row(
        lambda ops: ops.claim(T, ClaimRequest(agent="s", version=1)),
        "POST /tasks/t1/claim",
        {"agent": "s", "version": 1, "lease_s": 60},
        CLAIM,
    ),
    "claim_next": Row(
        lambda ops: ops.claim_next(ClaimNextRequest(agent="s")),
        "POST /tasks/claim-next",
        answer={"claims": [CLAIM]},
    ),
    "heartbeat": Row(
        lambda ops: ops.heartbeat(T, Heartbeat(epoch=1)),
        "POST /tasks/t1/heartbeat",
        answer={"lease_expires_at": records.NOON, "cancel_requested": False},
    ),
    "complete": Row(
        lambda ops: ops.complete(T, Complete(epoch=1, result={"summary": "s"})),
        "POST /tasks/t1/complete",
        {"epoch": 1, "result": {"summary": "s"}},
        TASK,
    ),
    "fail": Row(
        lambda ops: ops.fail(T, Fail(epoch=1, error="e", retryable=False)),
        "POST /tasks/t1/fail",
        {"epoch": 1, "error": "e", "retryable": False},
        TASK,
    ),
    "block": Row(lambda ops: ops.block(T, Block(epoch=1, question="?")), "POST /tasks/t1/block", answer=TASK),
    "release": Row(
        lambda ops: ops.release(T, Release(epoch=1)),
        "POST /tasks/t1/release",
        {"epoch": 1, "reason": ""},
        TASK,
    ),
    "list_gates": Row(
        lambda ops: ops.list_gates(status=wire.GateStatus.OPEN, task_id=T),
        "GET /gates?status=open&task_id=t1",
        answer=NO_ITEMS,
    ),
    "get_gate": Row(lambda ops: ops.get_gate(G), "GET /gates/g1", answer=GATE),
    "answer_gate": Row(
        lambda ops: ops.answer_gate(G, GateAnswer(answer="yes", by="owner")),
        "POST /gates/g1/answer",
        {"answer": "yes", "by": "owner"},
        GATE,
    ),
    "register_agent": Row(
        lambda ops: ops.register_agent(NewAgent(name="seed-1")), "POST /agents", answer=AGENT
    ),
    "agent_heartbeat": Row(
        lambda ops: ops.agent_heartbeat("seed-1", AgentHeartbeat()),
        "POST /agents/seed-1/heartbeat",
        {"leases": [], "lease_s": 60},
        {"renewed": [], "lost": [], "cancel": []},
    ),
    "list_agents": Row(lambda ops: ops.list_agents(), "GET /agents", answer=NO_ITEMS),
    "get_agent": Row(lambda ops: ops.get_agent("seed-1"), "GET /agents/seed-1", answer=AGENT),
    "get_artifact": Row(
        lambda ops: ops.get_artifact(wire.ArtifactId("a1")), "GET /artifacts/a1", answer=records.artifact()
    ),
    "list_artifacts": Row(lambda ops: ops.list_artifacts(T), "GET /artifacts?task_id=t1", answer=NO_ITEMS),
    "record_turn": Row(
        lambda ops: ops.record_turn("tg:1/2", SAID), "POST /sessions/tg%3A1%2F2/turns", answer=TURN
    ),
    "list_turns": Row(
        lambda ops: ops.list_turns("main", after=3, before=9, limit=5),
        "GET /sessions/main/turns?after=3&before=9&limit=5",
        answer={"items": [TURN]},
    ),
    "list_sessions": Row(lambda ops: ops.list_sessions(), "GET /sessions", answer=NO_ITEMS),
    "create_key": Row(
        lambda ops: ops.create_key(NewKey(name="n", scope=Scope.READER)),
        "POST /keys",
        {"name": "n", "scope": "reader", "expires_in_s": None},
        MINTED,
    ),
    "list_keys": Row(lambda ops: ops.list_keys(), "GET /keys", answer=NO_ITEMS),
    "revoke_key": Row(lambda ops: ops.revoke_key("k1"), "DELETE /keys/k1"),
    "whoami": Row(lambda ops: ops.whoami(), "GET /keys/self", answer=records.key()),
    "create_login": Row(
        lambda ops: ops.create_login(NewLogin()),
        "POST /logins",
        {"scope": "admin", "expires_in_s": 900},
        {"token": "t", "expires_at": records.NOON},
    ),
    "redeem_login": Row(lambda ops: ops.redeem_login("t"), "POST /logins/redeem", {"token": "t"}, MINTED),
    "stats": Row(
        lambda ops: ops.stats(),
        "GET /stats",
        answer={"tasks": {}, "agents_online": 0, "gates_open": 0, "oldest_pending_s": None},
    ),
    "health": Row(lambda ops: ops.health(), "GET /health/ready", answer={"status": "ok", "checks": {}}),
    "list_events": Row(
        lambda ops: ops.list_events(
            after="c1", types=["task.*", "gate.opened"], project=P, task_id=T, limit=7
        ),
        "GET /events?after=c1&types=task.%2A%2Cgate.opened&project=p1&task_id=t1&limit=7",
        answer={"events": [records.event(2)], "cursor": "c2"},
    ),
}


@pytest.mark.parametrize("name", ROWS)
async def test_each_call_makes_its_request(name: str) -> None:
    row = ROWS[name]
    answer = Answer(204) if row.answer is None else Answer(200, row.answer)
    async with scripted(answer) as ledger, client(ledger.url) as ops:
        await row.call(ops)
    (asked,) = ledger.asked
    assert f"{asked.method} {asked.target}" == row.request.replace(" /", " /api/v1/")
    if row.body is not None:
        assert body_of(asked) == row.body
    writes = asked.method != "GET"
    assert ("idempotency-key" in asked.headers) is writes


def test_every_public_call_is_in_this_table_or_has_tests_of_its_own() -> None:
    calls = {name for name, _ in inspect.getmembers(AgentOpsClient, inspect.isfunction) if name[0] != "_"}
    assert calls - set(ROWS) == {"aclose", "upload", "download", "stream", "subscribe"}


def test_every_write_takes_the_caller_s_idempotency_key() -> None:
    for name, row in ROWS.items():
        takes = "idempotency_key" in inspect.signature(getattr(AgentOpsClient, name)).parameters
        assert takes is not row.request.startswith("GET"), name


async def test_a_list_is_read_to_its_last_page() -> None:
    pages = [
        Answer(body=Page(items=[records.project("a"), records.project("b")], next="p2")),
        Answer(body=Page(items=[records.project("c")], next=None)),
    ]
    async with scripted(*pages) as ledger, client(ledger.url) as ops:
        assert [project.name for project in await ops.list_projects()] == ["a", "b", "c"]
    assert [asked.target for asked in ledger.asked] == ["/api/v1/projects", "/api/v1/projects?cursor=p2"]


async def test_a_number_that_no_task_has_is_not_found() -> None:
    async with scripted(Answer(body=NO_ITEMS)) as ledger, client(ledger.url) as ops:
        with pytest.raises(TaskNotFound, match="no task 99"):
            await ops.find_task(99)


async def test_a_client_without_a_key_sends_none() -> None:
    async with scripted(Answer(201, MINTED)) as ledger, AgentOpsClient(ledger.url) as ops:
        assert (await ops.redeem_login("t")).secret == "s3cret"
    assert "authorization" not in ledger.asked[0].headers
