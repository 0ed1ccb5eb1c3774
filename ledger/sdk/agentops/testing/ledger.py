"""The ledger in memory: keys, idempotency, refusals as problems, faults on demand."""

import hashlib
import uuid
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import httpx
import msgspec

from agentops import errors
from agentops.client import AgentOpsClient
from agentops.retry import Backoff, RetryPolicy
from agentops.testing.asking import Asking, checked
from agentops.testing.calendar import fire
from agentops.testing.life import Life
from agentops.testing.log import Wanted
from agentops.testing.routes import ROUTES, Route
from agentops.testing.state import Caller, State
from agentops.wire import AgentStatus, Event, Key, Problem, Scope

URL = "http://127.0.0.1:8700"
PREFIX = "/api/v1"
SILENCE_S = 60
STATUSES: Mapping[type[errors.AgentOpsError], int] = {
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.ValidationFailed: 400,
    errors.TooLarge: 413,
    errors.IdempotencyMismatch: 422,
    errors.AgentOpsError: 500,
}
_QUICK = RetryPolicy(tries=3, backoff=Backoff(first_s=0.01, cap_s=0.05))


class FakeLedger:
    """A ledger in this process, for tests of what talks to one.

        ledger = FakeLedger()
        async with ledger.client() as ops:
            task = await ops.create_task(NewTask(title="Call the bank"))

    It checks, refuses, fences, replays and tells events as the real one does: the client in front of it is
    the real client. It forgets everything with the process, and takes no notice of rate limits.

    Args:
        now: The time of day; `advance` moves it.
        retry_base_s: The pause before a failed task's second attempt; it doubles with each failure.
        max_upload_mb: The largest artifact.
    """

    def __init__(
        self,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        retry_base_s: float = 2.0,
        max_upload_mb: int = 100,
    ) -> None:
        self._now = now
        self._ahead = timedelta()
        self._away = False
        self._answers: dict[tuple[str, str], tuple[bytes, httpx.Response]] = {}
        self._state = State(
            clock=self._clock, retry_base_s=retry_base_s, max_upload_bytes=max_upload_mb * 1_000_000
        )
        self.http: httpx.AsyncBaseTransport = httpx.MockTransport(self._handle)
        self._keys = {scope: self._first_key(scope) for scope in Scope}

    def client(self, scope: Scope = Scope.ADMIN, *, api_key: str | None = None) -> AgentOpsClient:
        """A client of this ledger, with a key of this scope or with the given one."""
        key = api_key or self._keys[scope]
        backoff = Backoff(first_s=0.01, cap_s=0.05)
        return AgentOpsClient(URL, key, retry=_QUICK, reconnect=backoff, link=self)

    def advance(self, seconds: float) -> None:
        """Let time pass at once: leases, gates and pauses run out as they would."""
        self._ahead += timedelta(seconds=seconds)
        self._sweep()

    @contextmanager
    def away(self) -> Iterator[None]:
        """Within, the ledger cannot be reached."""
        self._away = True
        self._state.log.hang_up()
        try:
            yield
        finally:
            self._away = False

    def hang_up(self) -> None:
        """End every event stream; subscribers come again by themselves."""
        self._state.log.hang_up()

    # --- what `agentops.link.Link` asks for

    async def events(
        self, query: Mapping[str, str], headers: Mapping[str, str]
    ) -> AsyncGenerator[Event, None]:
        """What the real ledger sends over its WebSocket."""
        if self._away:
            return
        self._caller(httpx.Headers(dict(headers)))
        checked([query.get("project"), query.get("task_id")], "project or task_id")
        wanted = Wanted(query.get("types"), query.get("project"), query.get("task_id"))
        async for event in self._state.log.follow(query.get("after", self._state.log.cursor), wanted):
            yield event

    # --- inside

    def _clock(self) -> datetime:
        return self._now() + self._ahead

    def _first_key(self, scope: Scope) -> str:
        secret = f"cos_fake-{scope}-key"
        self._state.keys[secret] = Key(
            id=str(uuid.uuid4()), name=scope.value, scope=scope, expires_at=None, revoked_at=None,
            last_used_at=None, created_at=self._clock(),
        )  # fmt: skip
        return secret

    def _sweep(self) -> None:
        Life(self._state).sweep()
        fire(self._state)
        silent = self._clock() - timedelta(seconds=SILENCE_S)
        for agent in self._state.agents.values():
            if agent.status is AgentStatus.ONLINE and agent.last_seen_at < silent:
                gone = msgspec.structs.replace(agent, status=AgentStatus.OFFLINE)
                self._state.agents[agent.name] = gone
                self._state.log.tell(
                    type="agent.offline", entity_type="agent", entity_id=agent.name, task_id=None,
                    project_id=None, actor="ledger", payload={"name": agent.name, "kind": agent.kind},
                    traceparent=None, at=self._clock(),
                )  # fmt: skip

    async def _handle(self, request: httpx.Request) -> httpx.Response:
        if self._away:
            raise httpx.ConnectError("the ledger is away", request=request)
        body = await request.aread()
        self._sweep()
        path = request.url.path.removeprefix(PREFIX)
        try:
            route, ids = _routed(request.method, path)
            caller = None if route.public else self._caller(request.headers)
            asking = Asking(
                self._state,
                ids,
                dict(request.url.params),
                body,
                request.headers.get("content-type", ""),
                caller,
            )
            return self._once(request, route, asking)
        except errors.AgentOpsError as error:
            return _refusal(error, request.url.path)

    def _caller(self, headers: httpx.Headers) -> Caller:
        kind, _, secret = headers.get("authorization", "").partition(" ")
        key = self._state.keys.get(secret.strip()) if kind.lower() == "bearer" else None
        if key is None or key.revoked_at or (key.expires_at and key.expires_at < self._clock()):
            raise errors.Unauthenticated("this key is unknown, expired or revoked")
        return Caller(key, headers.get("traceparent"))

    def _once(self, request: httpx.Request, route: Route, asking: Asking) -> httpx.Response:
        """The answer; of a write that was made under this idempotency key before, the same again."""
        key = request.headers.get("idempotency-key")
        if key is None or request.method == "DELETE":
            return _answer(route, asking)
        owner = asking.caller.key.id if asking.caller else ""
        place = f"{request.method} {request.url.raw_path.decode()} {asking.media_type}\n".encode()
        fingerprint = hashlib.sha256(place + asking.body).digest()
        known = self._answers.get((owner, key))
        if known is None:
            answer = _answer(route, asking)
            self._answers[owner, key] = (fingerprint, answer)
            return answer
        if known[0] != fingerprint:
            raise errors.IdempotencyMismatch("this Idempotency-Key came with another request before")
        headers = {"Content-Type": "application/json", "Idempotency-Replayed": "true"}
        return httpx.Response(known[1].status_code, headers=headers, content=known[1].content)


def _routed(method: str, path: str) -> tuple[Route, tuple[str, ...]]:
    for route in ROUTES:
        ids = route.match(method, path)
        if ids is not None:
            return route, ids
    raise errors.NotFound(f"the ledger in memory knows no {method} {path}")


def _answer(route: Route, asking: Asking) -> httpx.Response:
    found = route.handler(asking)
    if found is None:
        return httpx.Response(route.status)
    if isinstance(found, bytes):
        return httpx.Response(route.status, content=found)
    headers = {"Content-Type": "application/json"}
    return httpx.Response(route.status, headers=headers, content=msgspec.json.encode(found))


def _refusal(error: errors.AgentOpsError, path: str) -> httpx.Response:
    status = next(status for kind, status in STATUSES.items() if isinstance(error, kind))
    known = error.problem or Problem()
    problem = msgspec.structs.replace(
        known, status=status, code=error.code, detail=error.detail, instance=path
    )
    headers = {"Content-Type": "application/problem+json"}
    return httpx.Response(status, headers=headers, content=msgspec.json.encode(problem))
