"""Programs, in the sandbox."""

from typing import TYPE_CHECKING, Any

from strands import tool

from brain.seed.agent.desk import Desk, ToolRefused
from brain.seed.errors import SeedError

if TYPE_CHECKING:
    from brain.seed.sandbox import Ran, Sandbox

_LONGEST_OUTPUT = 12_000


class CommandTools:
    """`run_command` and `run_python`: no network, an empty environment, the workspace and nothing else."""

    def __init__(self, desk: Desk, sandbox: "Sandbox") -> None:
        self._desk = desk
        self._sandbox = sandbox

    def all(self) -> list[Any]:
        """As Strands takes them."""
        return [self.run_command, self.run_python]

    @tool
    async def run_command(self, command: str) -> str:
        """Run a shell command in your workspace, without a network.

        Args:
            command: For /bin/sh.
        """
        return await self._run(["/bin/sh", "-c", command])

    @tool
    async def run_python(self, code: str) -> str:
        """Run a Python program in your workspace, without a network. It prints what you want to see.

        Args:
            code: The whole program.
        """
        return await self._run([self._sandbox.python, "-c", code])

    async def _run(self, command: list[str]) -> str:
        if not command[-1].strip():
            raise ToolRefused("There is nothing to run.")
        if "\x00" in command[-1]:
            raise ToolRefused("A command cannot hold NUL.")
        try:
            return _told(await self._sandbox.run(command, self._desk.workspace))
        except SeedError as broken:
            raise ToolRefused(str(broken)) from broken


def _told(ran: "Ran") -> str:
    parts = [f"exit {ran.exit} after {ran.seconds:.1f} s"]
    if ran.stopped:
        parts.append(f"stopped: {ran.stopped}")
    for name, content in (("stdout", ran.stdout), ("stderr", ran.stderr)):
        text = content.decode(errors="replace").strip()
        if text:
            cut = text if len(text) <= _LONGEST_OUTPUT else f"…{text[-_LONGEST_OUTPUT:]}"
            parts.append(f"{name}:\n{cut}")
    return "\n".join(parts)
