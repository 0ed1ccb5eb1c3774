"""The client: every call of the ledger's API, typed, on one object."""

from collections.abc import AsyncGenerator, Sequence
from types import TracebackType
from typing import Self

import httpx

from agentops.calls.access import AccessCalls
from agentops.calls.agents import AgentCalls
from agentops.calls.artifacts import ArtifactCalls
from agentops.calls.base import commas
from agentops.calls.conversations import ConversationCalls
from agentops.calls.gates import GateCalls
from agentops.calls.people import PeopleCalls
from agentops.calls.projects import ProjectCalls
from agentops.calls.schedules import ScheduleCalls
from agentops.calls.skills import SkillCalls
from agentops.calls.system import SystemCalls
from agentops.calls.tasks import TaskCalls
from agentops.calls.telephone import TelephoneCalls
from agentops.calls.usage import UsageCalls
from agentops.calls.work import WorkCalls
from agentops.events import Filter, subscribe
from agentops.link import Link
from agentops.retry import Backoff, RetryPolicy
from agentops.transport import Transport
from agentops.wire import Event, Events, ProjectId, TaskId


class AgentOpsClient(
    ProjectCalls,
    TaskCalls,
    WorkCalls,
    GateCalls,
    AgentCalls,
    ArtifactCalls,
    ConversationCalls,
    TelephoneCalls,
    PeopleCalls,
    SkillCalls,
    ScheduleCalls,
    UsageCalls,
    SystemCalls,
    AccessCalls,
):
    """One connection pool to one ledger; may be shared by any number of tasks of one event loop.

    Calls are tried again on a lost connection, a timeout, 429, 502, 503 and 504, with exponential
    backoff and jitter, honouring Retry-After. That is safe: every write carries an idempotency key,
    the same over all its tries.

    Args:
        url: Where the ledger is, such as `http://127.0.0.1:8700`.
        api_key: Without one only `redeem_login` and `health` work.
        timeout_s: For connecting, and for each wait for the other side.
        retry: How often and how long a call is tried.
        reconnect: The pauses between tries of `subscribe`, which never gives up.
        link: What takes the requests instead of the network, as `agentops.testing.FakeLedger` does.
        carrier: What brings the requests to the network; None: httpx's own. It is closed with the client.

    Raises:
        ValueError: The address or the key cannot be one.
    """

    def __init__(
        self,
        url: str,
        api_key: str | None = None,
        *,
        timeout_s: float = 10.0,
        retry: RetryPolicy | None = None,
        reconnect: Backoff | None = None,
        link: Link | None = None,
        carrier: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        super().__init__(
            Transport(url, api_key, timeout_s=timeout_s, retry=retry, link=link, carrier=carrier)
        )
        self._reconnect = reconnect or Backoff()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(url={self._transport.url!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the pooled connections."""
        await self._transport.aclose()

    async def list_events(
        self,
        *,
        after: str | None,
        types: Sequence[str] = (),
        project: ProjectId | None = None,
        task_id: TaskId | None = None,
        limit: int = 500,
    ) -> Events:
        """Events behind a cursor, oldest first.

        Args:
            after: The cursor of the last one that was seen; `"0"` for the oldest that is kept; None for no
                event, only the cursor of now.
            types: Such as `task.completed` or `agent.*`; empty means all.
            project: Only this project's.
            task_id: Only this task's.
            limit: How many at most.
        """
        return await self._transport.get(
            "/events",
            Events,
            params={
                "after": after,
                "types": commas(types),
                "project": project,
                "task_id": task_id,
                "limit": limit,
            },
        )

    def subscribe(
        self,
        *types: str,
        after: str | None = None,
        project: ProjectId | None = None,
        task_id: TaskId | None = None,
    ) -> AsyncGenerator[Event, None]:
        """Events as they happen: `async for event in ops.subscribe("task.completed", "agent.*")`.

        Each event once and in the ledger's order; a lost connection is opened again, for ever, behind
        the last event that was yielded. Keep `event.cursor` to go on there after a restart.

        Leaving the loop early keeps the connection until the generator is collected; to close it at
        once use `contextlib.aclosing`.

        Args:
            *types: Such as `task.completed` or `agent.*`; none means all.
            after: The cursor behind which to begin, `"0"` for the oldest event that is kept; None for from
                now on, where now is when the first event is awaited.
            project: Only this project's.
            task_id: Only this task's.

        Raises:
            Unauthenticated: The key is unknown, expired or revoked.
            ValidationFailed: The ledger does not know such a cursor or type.
            CursorExpired: Events behind the cursor are no longer kept; going on would leave a gap.
        """
        wanted = Filter(types=types, project=project, task_id=task_id)
        return subscribe(self._transport, wanted, after=after, backoff=self._reconnect)
