"""The worker that thinks, made when the first task wants it: its imports weigh more than a waiting worker."""

import asyncio
import importlib
from contextlib import AsyncExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import structlog

from agentops import AgentOpsClient
from agentops.worker import Job
from brain.seed.role import Role
from brain.seed.runner import Limits, SkillRunner
from brain.seed.sandbox import Sandbox, SandboxUnavailable
from brain.seed.settings import SeedSettings
from brain.seed.specialists.hiring import Hiring
from brain.seed.web.hosts import HostRules
from brain.seed.workspaces import Workspaces

if TYPE_CHECKING:
    from brain.seed.agent.thinking import Thinker

log = structlog.get_logger(__name__)

_HEAVY = ("brain.seed.agent.mind", "brain.seed.agent.thinking", "strands.models")


class Thinking:
    """Does tasks with the model of the settings.

    Args:
        settings: The worker's.
        role: Which model, and what a specialist is told besides.
        ops: The ledger.
        workspaces: Folders for the files.
        hiring: Which specialists it may raise; None: none.
    """

    def __init__(
        self,
        settings: SeedSettings,
        role: Role,
        ops: AgentOpsClient,
        workspaces: Workspaces,
        hiring: Hiring | None = None,
    ) -> None:
        self._settings = settings
        self._role = role
        self._hiring = hiring
        self._ops = ops
        self._workspaces = workspaces
        self._thinker: Thinker | None = None
        self._making = asyncio.Lock()
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.aclose()

    async def do(self, job: Job) -> dict[str, Any]:
        """The result of a task; raises what `Thinker.do` raises."""
        async with self._making:
            if self._thinker is None:
                job.progress(note="Getting ready")
                self._thinker = await self._made()
        return await self._thinker.do(job)

    async def _made(self) -> "Thinker":
        for name in _HEAVY:
            await asyncio.to_thread(importlib.import_module, name)
        from brain.seed.agent.mcp import McpServers
        from brain.seed.agent.mind import open_mind
        from brain.seed.agent.spending import Allowance
        from brain.seed.agent.thinking import Thinker
        from brain.seed.agent.toolbox import Toolbox
        from brain.seed.making import SkillShelf
        from brain.seed.web.fetching import Fetcher
        from brain.seed.web.searching import Search

        settings, sandbox = self._settings, await _sandbox()
        runner = SkillRunner(
            Limits(settings.skill_memory_mb, settings.skill_timeout_s),
            modules=(),
            cache=settings.place / "cache" / "skills",
            warm=False,
        )
        toolbox = Toolbox(
            mcp=await self._open.enter_async_context(McpServers(settings.mcp_config)),
            fetcher=Fetcher(),
            hosts=HostRules.read(settings.web_hosts),
            search=Search(settings.search_url, settings.search_key) if settings.search_url else None,
            sandbox=sandbox,
            shelf=SkillShelf(self._ops, sandbox, settings.place / "skills") if sandbox else None,
            runner=await self._open.enter_async_context(runner),
            hiring=self._hiring,
        )
        # In a thread as well: heartbeats must not wait for what it imports.
        mind, spec = await asyncio.to_thread(open_mind, self._role.model), self._role.spec
        log.info("model.chosen", model=mind.name, sandbox=toolbox.sandbox is not None)
        allowance = Allowance(spec.task_steps if spec else settings.task_steps, settings.task_tokens)
        return Thinker(
            mind,
            toolbox,
            self._workspaces,
            allowance,
            trade=spec.prompt if spec else "",
            keep_every_s=settings.keep_every_s,
        )


async def _sandbox() -> Sandbox | None:
    try:
        return await Sandbox.open()
    except SandboxUnavailable as missing:
        log.warning("sandbox.unavailable", reason=str(missing))
        return None
