"""Calls over a network that fails."""

import logging
import socket
import traceback

import pytest

from agentops import AgentOpsClient
from agentops.answers import retry_after_s
from agentops.errors import (
    AgentOpsError,
    Forbidden,
    IdempotencyMismatch,
    LedgerFault,
    NotFound,
    RateLimited,
    Unavailable,
    ValidationFailed,
    VersionConflict,
)
from agentops.wire import Health, NewTask, ProjectId, TaskId, TaskPatch
from tests.unit.agentops import records
from tests.unit.agentops.fixtures import KEY, Waits, client
from tests.unit.agentops.scripted_http import Answer, Cut, CutInAnswer, Silence, Step, problem, scripted

TASK = NewTask(title="Analyse sales.csv")
BUSY = problem(503, "unavailable")


async def test_a_busy_ledger_is_asked_again() -> None:
    waits = Waits()
    async with scripted(BUSY, BUSY, Answer(body=records.task())) as ledger, client(ledger.url, waits) as ops:
        assert await ops.get_task(records.TASK_ID) == records.task()
    assert waits.slept_s == [0.2, 0.4]


@pytest.mark.parametrize("status", [429, 502, 503, 504])
async def test_retry_after_is_honoured(status: int) -> None:
    waits = Waits()
    wait = Answer(status, b"", {"Retry-After": "7"})
    async with scripted(wait, Answer(body=records.task())) as ledger, client(ledger.url, waits) as ops:
        await ops.get_task(records.TASK_ID)
    assert waits.slept_s == [7.2]


@pytest.mark.parametrize("fault", [Cut(), CutInAnswer(b'{"id"'), BUSY, Answer(502, b"<html>")])
async def test_a_post_is_repeated_under_the_same_key(fault: Step) -> None:
    async with scripted(fault, Answer(201, records.task())) as ledger, client(ledger.url) as ops:
        await ops.create_task(TASK)
        await ops.create_task(TASK)
    first, second, third = ledger.keys
    assert first
    assert first == second
    assert third != first
    assert ledger.asked[0].body == ledger.asked[1].body


async def test_a_caller_s_own_key_is_sent() -> None:
    async with scripted(Answer(201, records.task())) as ledger, client(ledger.url) as ops:
        await ops.create_task(TASK, idempotency_key="turn-17")
    assert ledger.keys == ["turn-17"]


async def test_silence_ends_in_an_error_that_says_so() -> None:
    async with scripted(Silence()) as ledger, client(ledger.url, timeout_s=0.5, tries=2) as ops:
        with pytest.raises(Unavailable, match=r"did not answer .*ReadTimeout") as caught:
            await ops.get_task(records.TASK_ID)
    assert caught.value.maybe_done
    assert len(ledger.asked) == 2


async def test_a_ledger_that_is_not_there_is_unavailable() -> None:
    waits = Waits()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        async with client(url, waits) as ops:
            with pytest.raises(Unavailable, match=f"{url} cannot be reached") as caught:
                await ops.create_task(TASK)
    assert not caught.value.maybe_done
    assert len(waits.slept_s) == 3


async def test_a_patch_is_repeated_under_the_same_key() -> None:
    async with scripted(Cut(), Answer(body=records.task())) as ledger, client(ledger.url) as ops:
        await ops.update_task(records.TASK_ID, TaskPatch(title="New"))
    first, second = ledger.keys
    assert first
    assert first == second


async def test_what_is_gone_after_a_lost_answer_was_deleted() -> None:
    gone = problem(404, "project_not_found")
    async with scripted(Cut(), gone) as ledger, client(ledger.url) as ops:
        await ops.delete_project(ProjectId("p1"))
    assert len(ledger.asked) == 2


@pytest.mark.parametrize("before", [[], [BUSY]])
async def test_what_was_not_there_cannot_be_deleted(before: list[Step]) -> None:
    gone = problem(404, "project_not_found")
    async with scripted(*before, gone) as ledger, client(ledger.url) as ops:
        with pytest.raises(NotFound):
            await ops.delete_project(ProjectId("p1"))


@pytest.mark.parametrize(
    ("answer", "cls"),
    [
        (problem(403, "forbidden"), Forbidden),
        (problem(409, "version_conflict", current={"version": 2}), VersionConflict),
        (problem(422, "idempotency_mismatch"), IdempotencyMismatch),
        (problem(500, "internal"), LedgerFault),
        (Answer(404, b"not a ledger"), NotFound),
        (Answer(301, b"", {"Location": "http://127.0.0.1:1/"}), AgentOpsError),
    ],
)
async def test_a_refusal_is_raised_at_once(answer: Answer, cls: type[AgentOpsError]) -> None:
    waits = Waits()
    async with scripted(answer) as ledger, client(ledger.url, waits) as ops:
        with pytest.raises(cls) as caught:
            await ops.create_task(TASK)
    assert caught.value.status == answer.status
    assert waits.slept_s == []


@pytest.mark.parametrize("body", [b"<html>welcome</html>", b'{"id": 1}', b"", b'{"id":"x"'])
async def test_an_answer_that_cannot_be_read_is_the_ledger_s_fault(body: bytes) -> None:
    async with scripted(Answer(200, body)) as ledger, client(ledger.url) as ops:
        with pytest.raises(LedgerFault, match=r"GET /api/v1/tasks/.* cannot be read"):
            await ops.get_task(records.TASK_ID)
    assert len(ledger.asked) == 1


async def test_fields_of_a_newer_ledger_are_passed_over() -> None:
    health = {"status": "ok", "checks": {}, "mood": "fine"}
    async with scripted(Answer(200, health)) as ledger, client(ledger.url) as ops:
        assert await ops.health() == Health(status="ok", checks={})


async def test_health_reports_an_unavailable_ledger_without_trying_again() -> None:
    sick = {"status": "unavailable", "checks": {"database": "connection refused"}}
    async with scripted(Answer(503, sick)) as ledger, client(ledger.url) as ops:
        assert (await ops.health()).checks == {"database": "connection refused"}
    async with scripted(problem(503, "unavailable")) as ledger, client(ledger.url) as ops:
        with pytest.raises(Unavailable):
            await ops.health()
    assert len(ledger.asked) == 1


@pytest.mark.parametrize("task_id", ["", ".", ".."])
async def test_an_id_that_would_reach_another_endpoint_is_refused(task_id: str) -> None:
    async with scripted() as ledger, client(ledger.url) as ops:
        with pytest.raises(ValidationFailed, match="is not an id"):
            await ops.get_task(TaskId(task_id))
    assert ledger.asked == []


async def test_an_id_is_quoted() -> None:
    async with scripted(problem(404, "task_not_found")) as ledger, client(ledger.url) as ops:
        for strange in ("a/../b?c#d", "ü", "\ud800"):
            with pytest.raises(NotFound):
                await ops.get_task(TaskId(strange))
    assert [asked.target.removeprefix("/api/v1/tasks/") for asked in ledger.asked] == [
        "a%2F..%2Fb%3Fc%23d",
        "%C3%BC",
        "%3F",
    ]


@pytest.mark.parametrize("task", [NewTask(title="\ud800"), NewTask(title="x", context={"a": object()})])
async def test_a_request_that_json_cannot_hold_is_refused(task: NewTask) -> None:
    async with scripted() as ledger, client(ledger.url) as ops:
        with pytest.raises(ValidationFailed, match="cannot be written as JSON"):
            await ops.create_task(task)
    assert ledger.asked == []


@pytest.mark.parametrize("key", ["a\nb", "größe"])
async def test_an_idempotency_key_that_no_header_can_hold_is_refused(key: str) -> None:
    async with scripted() as ledger, client(ledger.url) as ops:
        with pytest.raises(ValidationFailed, match="idempotency_key"):
            await ops.create_task(TASK, idempotency_key=key)
    assert ledger.asked == []


async def test_a_proxy_of_the_environment_is_not_used_on_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("no_proxy", "")
    async with scripted(Answer(body=records.task())) as ledger, client(ledger.url) as ops:
        assert (await ops.get_task(records.TASK_ID)).number == 1


@pytest.mark.parametrize("url", ["", "127.0.0.1:8700", "ftp://x", "http://", "/api"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="must look like"):
        AgentOpsClient(url, KEY)


@pytest.mark.parametrize("suffix", ["", "/", "/api/v1", "/api/v1/"])
async def test_the_address_may_end_in_the_api_s_root(suffix: str) -> None:
    async with scripted(Answer(body=records.task())) as ledger, client(ledger.url + suffix) as ops:
        await ops.get_task(records.TASK_ID)
    assert ledger.asked[0].target == f"/api/v1/tasks/{records.TASK_ID}"


async def test_the_key_of_a_file_may_end_in_a_line_end() -> None:
    async with (
        scripted(Answer(body=records.key())) as ledger,
        AgentOpsClient(ledger.url, KEY + "\n") as ops,
    ):
        await ops.whoami()
    assert ledger.asked[0].headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("fault", [Cut(), Silence(), BUSY, problem(403, "forbidden"), Answer(200, b"{")])
async def test_the_key_appears_in_no_error_log_or_representation(
    fault: Step, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with scripted(fault) as ledger, client(ledger.url, timeout_s=0.1, tries=2) as ops:
        with pytest.raises(AgentOpsError) as caught:
            await ops.create_task(TASK)
        told = [repr(ops), str(caught.value), repr(caught.value), caplog.text]
    told.append("".join(traceback.format_exception(caught.value)))
    assert len(ledger.asked) >= 1
    assert KEY not in "".join(told)


def test_a_key_that_cannot_be_one_is_refused_without_repeating_it() -> None:
    with pytest.raises(ValueError, match="api_key") as caught:
        AgentOpsClient("http://127.0.0.1:8700", "s3cret\nkey")
    assert "s3cret" not in str(caught.value)


def test_credentials_in_the_address_are_not_shown() -> None:
    assert "s3cret" not in repr(AgentOpsClient("http://me:s3cret@127.0.0.1:8700", KEY))


@pytest.mark.parametrize(
    ("header", "least_s", "most_s"),
    [("0", 0, 0), ("120", 120, 120), ("Wed, 21 Oct 2015 07:28:00 GMT", 0, 0)],
)
def test_retry_after_holds_seconds_or_a_date(header: str, least_s: float, most_s: float) -> None:
    seconds = retry_after_s(header)
    assert seconds is not None
    assert least_s <= seconds <= most_s


@pytest.mark.parametrize("header", [None, "", "soon", "-1", "1.5e9x"])
def test_a_retry_after_that_says_nothing_is_passed_over(header: str | None) -> None:
    assert retry_after_s(header) is None


async def test_too_many_requests_are_told_with_the_wait() -> None:
    limited = problem(429, "rate_limited", headers={"Retry-After": "90"})
    async with scripted(limited) as ledger, client(ledger.url) as ops:
        with pytest.raises(RateLimited) as caught:
            await ops.stats()
    assert caught.value.retry_after_s == 90
