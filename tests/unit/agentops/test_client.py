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
    ApprovePairing,
    Block,
    BudgetId,
    BudgetPatch,
    BudgetPeriod,
    BudgetScope,
    BudgetUnit,
    CallDirection,
    Cancel,
    ClaimNextRequest,
    ClaimRequest,
    Complete,
    CompleteItem,
    ContactId,
    EndCall,
    Fail,
    GateAnswer,
    GateId,
    Heartbeat,
    NewAgent,
    NewBudget,
    NewCall,
    NewContact,
    NewKey,
    NewLogin,
    NewPairing,
    NewPerson,
    NewProject,
    NewSchedule,
    NewSkill,
    NewTask,
    NewTurn,
    Page,
    PairingStatus,
    PersonId,
    PersonPatch,
    PreferencesPatch,
    Priority,
    ProjectId,
    ProjectPatch,
    Release,
    RetireSkill,
    Retry,
    ScheduledNotice,
    ScheduleId,
    SchedulePatch,
    ScheduleStatus,
    Scope,
    Settle,
    SkillUse,
    TaskId,
    TaskPatch,
    TaskStatus,
    UsageGroup,
    UsageKind,
    UsageRecord,
)
from tests.unit.agentops import records
from tests.unit.agentops.fixtures import client
from tests.unit.agentops.scripted_http import Answer, body_of, scripted

T = TaskId("t1")
P = ProjectId("p1")
G = GateId("g1")
A = PersonId("a1")
S = ScheduleId("s1")
B = BudgetId("b1")
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
PERSON = records.person()
CONTACT = records.contact()
PAIRING = records.pairing()
PREFERENCES = records.preferences()
SKILL = records.skill()
SCHEDULE = records.schedule()
BUDGET = records.budget()
NOTICE = ScheduledNotice(session="main", text="Hello")
SYSTEM: dict[str, Any] = {"paused": False, "reason": None, "by": None, "since": None}
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
RINGING = NewCall(id="CA1", session="main", channel="phone", direction=CallDirection.INBOUND)
HUNG_UP = EndCall(
    session="main", channel="phone", direction=CallDirection.INBOUND, seconds=61, ended_by="caller"
)
NOTED = {"id": "CA1", "at": "2026-01-02T03:04:05Z"}

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
    "create_tasks": Row(
        lambda ops: ops.create_tasks([NewTask(title="t")]),
        "POST /tasks/create-batch",
        answer={"tasks": [TASK]},
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
    "complete_tasks": Row(
        lambda ops: ops.complete_tasks([CompleteItem(task_id=T, epoch=1, result={"summary": "s"})]),
        "POST /tasks/complete-batch",
        {"items": [{"task_id": "t1", "epoch": 1, "result": {"summary": "s"}}]},
        {"outcomes": []},
    ),
    "settle": Row(
        lambda ops: ops.settle(Settle(agent="seed-1", n=2, items=[CompleteItem(task_id=T, epoch=1)])),
        "POST /tasks/settle",
        {
            "agent": "seed-1",
            "n": 2,
            "capabilities": [],
            "lease_s": 60,
            "only_matching": False,
            "items": [{"task_id": "t1", "epoch": 1, "result": {}}],
        },
        {"claims": [], "outcomes": []},
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
        {"epoch": 1, "reason": "", "wait_for": []},
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
    "remove_agent": Row(lambda ops: ops.remove_agent("seed-1"), "DELETE /agents/seed-1"),
    "get_artifact": Row(
        lambda ops: ops.get_artifact(wire.ArtifactId("a1")), "GET /artifacts/a1", answer=records.artifact()
    ),
    "list_artifacts": Row(lambda ops: ops.list_artifacts(T), "GET /artifacts?task_id=t1", answer=NO_ITEMS),
    "record_turn": Row(
        lambda ops: ops.record_turn("tg:1/2", SAID), "POST /sessions/tg%3A1%2F2/turns", answer=TURN
    ),
    "forget_session": Row(lambda ops: ops.forget_session("main"), "DELETE /sessions/main"),
    "call_started": Row(lambda ops: ops.call_started(RINGING), "POST /calls", answer=NOTED),
    "call_ended": Row(lambda ops: ops.call_ended("CA1", HUNG_UP), "POST /calls/CA1/end", answer=NOTED),
    "list_turns": Row(
        lambda ops: ops.list_turns("main", after=3, before=9, limit=5),
        "GET /sessions/main/turns?after=3&before=9&limit=5",
        answer={"items": [TURN]},
    ),
    "list_sessions": Row(lambda ops: ops.list_sessions(), "GET /sessions", answer=NO_ITEMS),
    "create_key": Row(
        lambda ops: ops.create_key(NewKey(name="n", scope=Scope.READER)),
        "POST /keys",
        {"name": "n", "scope": "reader", "expires_in_s": None, "task_id": None, "epoch": None},
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
    "rotate_key": Row(lambda ops: ops.rotate_key("k1"), "POST /keys/k1/rotate", {"grace_s": 3600}, MINTED),
    "search_turns": Row(
        lambda ops: ops.search_turns("a b", session_id="main", before=7, limit=9),
        "GET /turns/search?q=a+b&session=main&before=7&limit=9",
        answer=NO_ITEMS,
    ),
    "create_person": Row(
        lambda ops: ops.create_person(NewPerson(name="Ada")),
        "POST /people",
        {"name": "Ada", "role": "member", "time_zone": "UTC", "language": "en"},
        PERSON,
    ),
    "list_people": Row(lambda ops: ops.list_people(), "GET /people", answer=NO_ITEMS),
    "get_person": Row(lambda ops: ops.get_person(A), "GET /people/a1", answer=PERSON),
    "find_person": Row(
        lambda ops: ops.find_person("telegram", "7"),
        "GET /people?channel=telegram&address=7&verified=true",
        answer=NO_ITEMS,
    ),
    "update_person": Row(
        lambda ops: ops.update_person(A, PersonPatch(name="B")), "PATCH /people/a1", {"name": "B"}, PERSON
    ),
    "delete_person": Row(lambda ops: ops.delete_person(A), "DELETE /people/a1"),
    "add_contact": Row(
        lambda ops: ops.add_contact(A, NewContact(channel="telegram", address="7")),
        "POST /people/a1/contacts",
        {"channel": "telegram", "address": "7", "verified": False, "label": ""},
        CONTACT,
    ),
    "remove_contact": Row(lambda ops: ops.remove_contact(ContactId("c1")), "DELETE /contacts/c1"),
    "list_contacts": Row(
        lambda ops: ops.list_contacts(channel="telegram"), "GET /contacts?channel=telegram", answer=NO_ITEMS
    ),
    "create_pairing": Row(
        lambda ops: ops.create_pairing(NewPairing(channel="telegram", address="7")),
        "POST /pairings",
        {"channel": "telegram", "address": "7", "display_name": ""},
        PAIRING,
    ),
    "list_pairings": Row(
        lambda ops: ops.list_pairings(status=PairingStatus.PENDING),
        "GET /pairings?status=pending",
        answer=NO_ITEMS,
    ),
    "approve_pairing": Row(
        lambda ops: ops.approve_pairing(ApprovePairing(code="ABCDEFGH")),
        "POST /pairings/approve",
        {"code": "ABCDEFGH", "person_id": None, "role": None},
        PERSON,
    ),
    "reject_pairing": Row(
        lambda ops: ops.reject_pairing("ABCDEFGH"), "POST /pairings/reject", {"code": "ABCDEFGH"}, PAIRING
    ),
    "get_preferences": Row(
        lambda ops: ops.get_preferences(A), "GET /people/a1/preferences", answer=PREFERENCES
    ),
    "update_preferences": Row(
        lambda ops: ops.update_preferences(A, PreferencesPatch(quiet_from=None, version=2)),
        "PATCH /people/a1/preferences",
        {"quiet_from": None, "version": 2},
        PREFERENCES,
    ),
    "register_skill": Row(
        lambda ops: ops.register_skill(NewSkill(name="csv", sha256="1" * 64)),
        "POST /skills",
        {
            "name": "csv",
            "sha256": "1" * 64,
            "description": "",
            "artifact_id": None,
            "task_id": None,
            "epoch": None,
        },
        SKILL,
    ),
    "list_skills": Row(lambda ops: ops.list_skills(name="csv"), "GET /skills?name=csv", answer=NO_ITEMS),
    "get_skill": Row(lambda ops: ops.get_skill("csv", version=2), "GET /skills/csv?version=2", answer=SKILL),
    "note_skill_use": Row(
        lambda ops: ops.note_skill_use("csv", SkillUse(version=2, succeeded=True)),
        "POST /skills/csv/uses",
        {"version": 2, "succeeded": True, "task_id": None, "epoch": None},
        SKILL,
    ),
    "retire_skill": Row(
        lambda ops: ops.retire_skill("csv", RetireSkill(reason="x")),
        "POST /skills/csv/retire",
        {"reason": "x", "version": None},
        NO_ITEMS,
    ),
    "claim_batch": Row(
        lambda ops: ops.claim_batch(ClaimNextRequest(agent="seed-1")),
        "POST /tasks/claim-next",
        {"agent": "seed-1", "n": 1, "capabilities": [], "lease_s": 60, "only_matching": False},
        {"claims": [], "paused": True, "stopped": []},
    ),
    "create_schedule": Row(
        lambda ops: ops.create_schedule(NewSchedule(name="daily", cron="30 8 * * *", notice=NOTICE)),
        "POST /schedules",
        {
            "name": "daily",
            "cron": "30 8 * * *",
            "at": None,
            "time_zone": "UTC",
            "task": None,
            "notice": {"session": "main", "text": "Hello"},
            "missed": "once",
        },
        SCHEDULE,
    ),
    "list_schedules": Row(
        lambda ops: ops.list_schedules(status=ScheduleStatus.PAUSED),
        "GET /schedules?status=paused",
        answer=NO_ITEMS,
    ),
    "get_schedule": Row(lambda ops: ops.get_schedule(S), "GET /schedules/s1", answer=SCHEDULE),
    "update_schedule": Row(
        lambda ops: ops.update_schedule(S, SchedulePatch(paused=True)),
        "PATCH /schedules/s1",
        {"paused": True},
        SCHEDULE,
    ),
    "delete_schedule": Row(lambda ops: ops.delete_schedule(S), "DELETE /schedules/s1"),
    "run_schedule": Row(lambda ops: ops.run_schedule(S), "POST /schedules/s1/run", {}, SCHEDULE),
    "record_usage": Row(
        lambda ops: ops.record_usage([UsageRecord(kind=UsageKind.MONEY, amount=7, task_id=T)]),
        "POST /usage",
        {
            "records": [
                {
                    "kind": "money",
                    "amount": 7,
                    "task_id": "t1",
                    "project_id": None,
                    "agent": None,
                    "session": None,
                    "model": None,
                    "at": None,
                }
            ]
        },
        {"recorded": 1, "budgets": [BUDGET]},
    ),
    "sum_usage": Row(
        lambda ops: ops.sum_usage(UsageGroup.MODEL, begin=records.NOON, agent="chief"),
        "GET /usage?group_by=model&from=2026-03-01T12%3A00%3A00%2B00%3A00&agent=chief&time_zone=UTC",
        answer=NO_ITEMS,
    ),
    "create_budget": Row(
        lambda ops: ops.create_budget(
            NewBudget(scope=BudgetScope.ALL, unit=BudgetUnit.MONEY, period=BudgetPeriod.DAY, limit=7)
        ),
        "POST /budgets",
        {
            "scope": "all",
            "unit": "money",
            "period": "day",
            "limit": 7,
            "scope_id": None,
            "time_zone": "UTC",
            "name": "",
        },
        BUDGET,
    ),
    "list_budgets": Row(
        lambda ops: ops.list_budgets(agent="chief"), "GET /budgets?agent=chief", answer=NO_ITEMS
    ),
    "get_budget": Row(lambda ops: ops.get_budget(B), "GET /budgets/b1", answer=BUDGET),
    "update_budget": Row(
        lambda ops: ops.update_budget(B, BudgetPatch(limit=8)), "PATCH /budgets/b1", {"limit": 8}, BUDGET
    ),
    "delete_budget": Row(lambda ops: ops.delete_budget(B), "DELETE /budgets/b1"),
    "system": Row(lambda ops: ops.system(), "GET /system", answer=SYSTEM),
    "pause": Row(lambda ops: ops.pause("tea"), "POST /system/pause", {"reason": "tea"}, SYSTEM),
    "resume": Row(lambda ops: ops.resume(), "POST /system/resume", {"reason": ""}, SYSTEM),
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
