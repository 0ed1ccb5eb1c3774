"""Talks to an installation that runs: the one over this COS_HOME, or the one that the settings name."""

import asyncio
from dataclasses import dataclass

import httpx
import msgspec

from agentops import AgentOpsClient
from agentops.errors import AgentOpsError
from agentops.wire import Problem, Stats
from ops import keys
from ops.errors import NotRunning
from ops.logins import login_url
from ops.runstate import Home, RunState
from ops.settings import OpsSettings

CHAT_TIMEOUT_S = 120
STATUS_TIMEOUT_S = 5


class Said(msgspec.Struct, frozen=True):
    """What the chief's `POST /chat` answers, as far as it is printed."""

    response: str


class Remembered(msgspec.Struct, frozen=True):
    """One fact that the chief knows about a person."""

    id: str
    text: str
    at: float
    """When it was told, in seconds since 1970."""


class _Facts(msgspec.Struct, frozen=True):
    facts: list[Remembered]


@dataclass(frozen=True)
class Remote:
    """Addresses of a running installation, and a key to it."""

    ledger: str
    chief: str
    panel: str
    key: str
    state: RunState | None

    @classmethod
    def of(cls, settings: OpsSettings) -> "Remote":
        """Find it: `LEDGER_API_KEY` with its addresses if set, else what runs over COS_HOME.

        Raises:
            NotRunning: neither.
        """
        state = Home(settings.place).read()
        if settings.ledger_api_key:
            return cls(
                ledger=settings.ledger_url or settings.url("ledger"),
                chief=settings.chief_url or settings.url("chief"),
                panel=settings.panel,
                key=settings.ledger_api_key.get_secret_value(),
                state=state,
            )
        if state is None:
            raise NotRunning(
                f"Nothing runs over {settings.place}. Start it with `cos up` (or `make run`), "
                "or set LEDGER_URL, CHIEF_URL and LEDGER_API_KEY."
            )
        if not state.ready:
            raise NotRunning(f"It is still starting (process {state.supervisor.pid}). Try again in a moment.")
        key = keys.load_or_make(settings.place).admin
        return cls(state.ledger, state.chief, state.panel, key, state)

    async def chat(self, text: str, session: str) -> Said:
        """One turn with the chief.

        Raises:
            NotRunning: it cannot be reached, or refuses.
        """
        body = {"message": text, "session_id": session}
        headers = {"Authorization": f"Bearer {self.key}"}
        try:
            async with self._client(CHAT_TIMEOUT_S) as client:
                answer = await client.post(f"{self.chief}/chat", json=body, headers=headers)
        except httpx.TransportError as error:
            raise NotRunning(f"The chief does not answer at {self.chief}: {error}") from error
        if answer.is_error:
            raise NotRunning(f"The chief refused: {_detail(answer)}")
        return msgspec.json.decode(answer.content, type=Said)

    async def facts(self, person: str) -> list[Remembered]:
        """What the chief knows about a person: a member's id, or `owner`.

        Raises:
            NotRunning: it cannot be reached, or refuses.
        """
        headers = {"Authorization": f"Bearer {self.key}"}
        try:
            async with self._client(STATUS_TIMEOUT_S) as client:
                answer = await client.get(f"{self.chief}/facts", params={"person": person}, headers=headers)
        except httpx.TransportError as error:
            raise NotRunning(f"The chief does not answer at {self.chief}: {error}") from error
        if answer.is_error:
            raise NotRunning(f"The chief refused: {_detail(answer)}")
        return msgspec.json.decode(answer.content, type=_Facts).facts

    def _client(self, timeout_s: float) -> httpx.AsyncClient:
        # Plain HTTP has no use for certificates, and loading them takes 20 ms.
        secure = self.chief.startswith("https:")
        return httpx.AsyncClient(timeout=timeout_s, trust_env=False, verify=secure)

    async def login_url(self) -> str:
        """A fresh link to the panel.

        Raises:
            NotRunning: the ledger cannot be reached, or refuses.
        """
        try:
            async with AgentOpsClient(url=self.ledger, api_key=self.key) as ledger:
                return await login_url(ledger, self.panel)
        except AgentOpsError as error:
            raise NotRunning(f"The ledger at {self.ledger} gave no login: {error}") from error

    async def status(self) -> "Status":
        """What runs and how the tasks stand; a ledger that does not answer is part of the answer."""
        parts = self.state.parts if self.state else {}
        pids = {name: running.pid for name, running in parts.items() if running.process()}
        try:
            async with AgentOpsClient(
                url=self.ledger, api_key=self.key, timeout_s=STATUS_TIMEOUT_S
            ) as ledger:
                async with asyncio.timeout(STATUS_TIMEOUT_S):
                    stats, problem = await ledger.stats(), None
        except (AgentOpsError, TimeoutError) as error:
            stats, problem = None, f"The ledger does not answer: {error}".rstrip(": ")
        return Status(
            panel=self.panel,
            ledger=self.ledger,
            chief=self.chief,
            pids=pids,
            gone=sorted(parts.keys() - pids.keys()),
            stats=stats,
            problem=problem,
        )


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """What `cos status` knows."""

    panel: str
    ledger: str
    chief: str
    pids: dict[str, int]
    """The process of each part that runs on this machine."""
    gone: list[str]
    """Parts whose process ended and is not back yet."""
    stats: Stats | None
    problem: str | None

    def lines(self) -> list[str]:
        """For people."""
        lines = [f"panel     {self.panel}", f"ledger    {self.ledger}"]
        if self.stats is None:
            lines.append(f"tasks     {self.problem}")
        else:
            counts = ", ".join(f"{number} {status}" for status, number in self.stats.tasks.items() if number)
            lines += [
                f"tasks     {counts or 'none'}",
                f"agents    {self.stats.agents_online} online",
                f"waiting   {self.stats.gates_open} for your answer",
            ]
        lines += [f"{name:<9} process {pid}" for name, pid in self.pids.items()]
        return lines + [f"{name:<9} ended, being started again" for name in self.gone]


def _detail(answer: httpx.Response) -> str:
    try:
        return msgspec.json.decode(answer.content, type=Problem).detail
    except msgspec.MsgspecError:
        return f"HTTP {answer.status_code}"
