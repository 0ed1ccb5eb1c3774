"""The tools with which a worker's model finds, makes and calls skills."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from agentops import AgentOpsError
from agentops.worker import WorkLost
from brain.seed.errors import SeedError
from brain.seed.making.folders import Draft, MadeSkill
from brain.seed.making.shelf import SkillShelf
from brain.seed.web.hosts import HostRules

if TYPE_CHECKING:
    from brain.seed.agent.desk import Desk

_APPROVE, _REFUSE = "Approve", "Refuse"
_ALLOW, _DENY = "Allow", "Deny"
_LONGEST_RESULT = 30_000
_FIND = "Find tools that exist already, by words. What is found and can be called is offered from then on."
_CREATE = """Make a tool that is missing, for this task and for all later ones. First use find_skill. Make it
general: what belongs to this task alone is an argument. Its code runs in a sandbox: files only in the working
directory, Python with numpy, polars, openpyxl and Pillow, and no network but to the `hosts` that you name (by
httpx and their usual ports; the person is asked; its tests reach none of them). If it is rejected, mend what
is named and call this again with the same name."""
_USE_OUTSIDE = "Take a skill that the person laid into the skills folder; the person is asked first."


async def skill_tools(desk: "Desk", shelf: SkillShelf, hosts: HostRules, said: str = "") -> list[Any]:
    """As Strands takes them: find, make, take, and one for each registered skill that fits the task.

    Args:
        desk: Of the attempt.
        shelf: All skills.
        hosts: Which tools may reach without asking; the person is asked about any other, once a task.
        said: The conversation that goes on; the skills that it names are offered again.
    """
    counter = _Counter(desk, shelf, hosts)
    await shelf.refresh()
    fitting = shelf.fitting(f"{desk.job.task.title} {desk.job.task.description[:500]}")
    known = [name for name in shelf.names() if _tool_name(name) in said]
    return [*counter.tools(), *[await counter.proxy(name) for name in dict.fromkeys([*known, *fitting])]]


class _Counter:
    """The tools of one attempt."""

    def __init__(self, desk: "Desk", shelf: SkillShelf, hosts: HostRules) -> None:
        self._desk = desk
        self._shelf = shelf
        self._hosts = hosts
        self._offered: set[str] = set()

    def tools(self) -> list[Any]:
        words = {"words": {"type": "string", "description": "What the tool should do."}}
        text = {
            "name": "Such as `convert-readings`.",
            "description": "What it does and when to use it, in one to three sentences.",
            "tool": "scripts/tool.py: `def run(text: str, limit: int = 10) -> dict:` with a docstring, "
            "annotated arguments, and a result that JSON can hold.",
            "tests": "tests/test_tool.py for pytest: `from tool import run`, and `test_…` functions that "
            "assert.",
            "hosts": "Which it has to reach, with blanks between, such as `api.example.org`; usually none.",
        }
        create = {name: {"type": "string", "description": what} for name, what in text.items()}
        return [
            _tool(self._desk, "find_skill", _FIND, words, self._find),
            _tool(self._desk, "create_skill", _CREATE, create, self._create, required=[*create][:-1]),
            _tool(
                self._desk, "use_skill_from_outside", _USE_OUTSIDE, {"name": {"type": "string"}}, self._adopt
            ),
        ]

    async def proxy(self, name: str) -> Any:
        """A tool whose every call runs in the sandbox."""
        return self._proxy_of(await self._shelf.take(name))

    async def _find(self, words: str) -> str:
        cards = await self._shelf.search(words)
        lines = []
        for card in cards:
            if card.outside:
                lines.append(f"- {card.name} (from outside; use_skill_from_outside): {card.description}")
            elif card.built_in:
                lines.append(f"- {card.name} (built in; use_built_in): {card.description}")
            else:
                self._offer(await self._shelf.take(card.name))
                lines.append(f"- {card.name} (call {_tool_name(card.name)}): {card.description}")
        return "\n".join(lines) or "No skill does this yet. create_skill makes one."

    async def _create(self, name: str, description: str, tool: str, tests: str, hosts: str = "") -> str:
        self._desk.note(f"Making a tool: {name[:60]}")
        reached = tuple(hosts.replace(",", " ").split())
        skill = await self._shelf.make(Draft(name, description, tool, tests, reached), self._desk.job)
        self._offer(skill)
        self._desk.note(f"The tool {skill.name} works and is kept")
        return (
            f"{skill.name} passed its tests and is registered as version {skill.version}. "
            f"Call {_tool_name(skill.name)} now."
        )

    async def _adopt(self, name: str) -> str:
        async def approve(question: str) -> bool:
            return self._desk.agrees(question, yes=_APPROVE, no=_REFUSE)

        skill = await self._shelf.adopt(name, self._desk.job, approve)
        self._offer(skill)
        return f"{name} is approved and passed its tests. Call {_tool_name(name)} now."

    def _offer(self, skill: MadeSkill) -> None:
        self._desk.add_tool(self._proxy_of(skill))

    def _proxy_of(self, skill: MadeSkill) -> Any:
        async def call(**arguments: Any) -> str:
            if unwanted := self._unwanted(skill):
                return f"Error: The person does not want {skill.name} to reach {unwanted}. Do without it."
            self._desk.note(f"Using the tool {skill.name}")
            answer = await self._shelf.call(skill, arguments, self._desk.workspace, self._desk.job)
            if answer.error is not None:
                return f"Error: {answer.error}"
            return _told(answer.value)

        properties, required = skill.parameters["properties"], skill.parameters["required"]
        return _tool(
            self._desk, _tool_name(skill.name), skill.description, properties, call, required=required
        )

    def _unwanted(self, skill: MadeSkill) -> str:
        """The hosts that the person does not want it to reach; without an answer, the attempt ends here."""
        unlisted = ", ".join(host for host in skill.hosts if not self._hosts.allow(host))
        if not unlisted:
            return ""
        question = f"May the tool {skill.name} talk to {unlisted} on the internet, for this task?"
        return "" if self._desk.agrees(question, yes=_ALLOW, no=_DENY) else unlisted


def _told(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    if len(text) <= _LONGEST_RESULT:
        return text
    return (
        f"{text[:_LONGEST_RESULT]}… ({len(text):,} characters; let the tool write long results into a file)"
    )


def _tool_name(skill: str) -> str:
    return "skill_" + skill.replace("-", "_").replace(".", "_")


def _tool(
    desk: "Desk",
    name: str,
    description: str,
    properties: Mapping[str, Any],
    act: Callable[..., Awaitable[str]],
    *,
    required: list[str] | None = None,
) -> Any:
    """A Strands tool with a schema of its own; what the model can mend is an error that it reads."""
    from strands.tools.tools import PythonAgentTool
    from strands.types.tools import ToolResult, ToolUse

    async def call(tool_use: ToolUse, **_: Any) -> ToolResult:
        try:
            text = await act(**tool_use["input"])
        except WorkLost as lost:
            desk.end(lost)
        except (SeedError, AgentOpsError, TypeError) as problem:
            text = f"Error: {problem}"
        status = "error" if text.startswith("Error: ") else "success"
        return {"toolUseId": tool_use["toolUseId"], "status": status, "content": [{"text": text}]}  # type: ignore[typeddict-item]

    schema = {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties) if required is None else required,
    }
    return PythonAgentTool(
        name, {"name": name, "description": description, "inputSchema": {"json": schema}}, call
    )
