"""All tools of a worker, put together for one attempt."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from brain.seed.agent.desk import Desk
from brain.seed.agent.mcp import McpServers
from brain.seed.agent.planning import Plan
from brain.seed.agent.tools.commands import CommandTools
from brain.seed.agent.tools.ending import EndingTools
from brain.seed.agent.tools.files import FileTools
from brain.seed.agent.tools.ledger import LedgerTools
from brain.seed.agent.tools.specialists import SpecialistTools
from brain.seed.agent.tools.web import WebTools
from brain.seed.making import skill_tools
from brain.seed.making.built_in import built_in_tools
from brain.seed.specialists.hiring import Hiring
from brain.seed.web.fetching import Fetcher
from brain.seed.web.hosts import HostRules
from brain.seed.web.searching import Search

if TYPE_CHECKING:
    from brain.seed.making import SkillShelf
    from brain.seed.runner import SkillRunner
    from brain.seed.sandbox import Sandbox

_NO_SANDBOX = "You cannot run commands or programs on this machine, nor make tools: it offers no sandbox."
_NO_SEARCH = "You have no search engine; to read a page you need to know its address."


@dataclass(frozen=True)
class Toolbox:
    """What a worker's model acts with; shared by all of its tasks.

    Attributes:
        mcp: Servers with more tools.
        fetcher: How pages are read.
        hosts: Which may be read without asking.
        search: The provider, if there is one.
        sandbox: Where programs run; None: they do not.
        shelf: Skills that were made; None without a sandbox.
        runner: Where built-in skills run; None: they do not.
        hiring: Which specialists may be raised; None: none.
    """

    mcp: McpServers
    fetcher: Fetcher
    hosts: HostRules
    search: Search | None = None
    sandbox: "Sandbox | None" = None
    shelf: "SkillShelf | None" = None
    runner: "SkillRunner | None" = None
    hiring: Hiring | None = None

    async def tools_for(self, desk: Desk, plan: Plan, said: str = "") -> list[Any]:
        """As Strands takes them.

        Args:
            desk: The attempt's.
            plan: Its steps.
            said: The conversation that goes on; the tools that it names are there again.
        """
        tools = [
            *EndingTools(desk, plan).all(),
            *FileTools(desk).all(),
            *LedgerTools(desk).all(),
            *WebTools(desk, self.fetcher, self.hosts, self.search).all(),
        ]
        if self.runner is not None:
            tools += built_in_tools(desk, self.runner)
        if self.sandbox is not None:
            tools += CommandTools(desk, self.sandbox).all()
        if self.shelf is not None:
            tools += await skill_tools(desk, self.shelf, self.hosts, said)
        if self.hiring is not None:
            tools += SpecialistTools(desk, self.hiring).all()
        return [*tools, *await self.mcp.tools()]

    def notes(self) -> list[str]:
        """What the model has to know about its tools."""
        notes = [] if self.sandbox else [_NO_SANDBOX]
        notes += [] if self.search else [_NO_SEARCH]
        there = [one.spec for one in self.hiring.roster.all()] if self.hiring else []
        known = [f"{spec.name} ({spec.purpose})" for spec in there]
        return [*notes, f"Specialists to hand work on to: {'; '.join(known)}"] if known else notes
