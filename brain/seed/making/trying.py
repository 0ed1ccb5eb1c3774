"""A tool's tests and its calls, in the sandbox and nowhere else."""

import asyncio
import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from brain.seed.making.folders import write_folder
from brain.seed.sandbox import Limits, Ran, Sandbox

_TEST_LIMITS = Limits(wall_s=60, cpu_s=60, memory_mb=1024, disk_mb=64)
_CALL_LIMITS = Limits(wall_s=120, cpu_s=120, memory_mb=1024, disk_mb=512)
_LAST_LINES = 40
_STOPPED = {
    "time": "it ran too long",
    "memory": "it took too much memory",
    "disk": "it wrote too many files",
    "output": "it printed too much",
}
_PYTEST = (
    *("-B", "-m", "pytest", "tests", "-q", "-x", "--no-header", "--tb=short", "-p", "no:cacheprovider"),
    *("-c", "/dev/null", "--rootdir=."),
)
_CALL = """
import json, sys, types
told = json.load(sys.stdin)
out, sys.stdout = sys.stdout, sys.stderr
module = types.ModuleType("tool")
module.__file__ = "tool.py"
sys.modules["tool"] = module
try:
    exec(compile(told["tool"], "tool.py", "exec"), module.__dict__)
    answer = {"result": module.run(**told["arguments"])}
    text = json.dumps(answer, ensure_ascii=False, default=str)
except Exception as error:
    import traceback
    lines = [line for line in traceback.format_exc(limit=-4).splitlines() if "<string>" not in line]
    text = json.dumps({"error": f"{type(error).__name__}: {error}", "trace": "\\n".join(lines[-8:])})
out.write(text)
"""


@dataclass(frozen=True)
class Answer:
    """Of one call."""

    value: Any = None
    error: str | None = None
    """Why there is no value; the tool's own words."""


async def test(sandbox: Sandbox, files: Mapping[str, str]) -> str | None:
    """Runs a draft's tests; None if they pass, else the end of what they said."""
    with tempfile.TemporaryDirectory(prefix="cos-skill-") as folder:
        await asyncio.to_thread(write_folder, Path(folder), dict(files))
        ran = await sandbox.run(
            (sandbox.python, *_PYTEST),
            Path(folder),
            limits=_TEST_LIMITS,
            environment={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": "scripts"},
        )
    said = (ran.stdout + b"\n" + ran.stderr).decode(errors="replace")
    if ran.succeeded and " passed" in said:
        return None
    return _why(ran) or "\n".join(said.strip().splitlines()[-_LAST_LINES:])


async def call(
    sandbox: Sandbox, tool: str, arguments: Mapping[str, Any], workspace: Path, door: Path | None = None
) -> Answer:
    """Calls `run` of a tool in a copy of the workspace; what it writes there comes back.

    Args:
        sandbox: Where.
        tool: Its code.
        arguments: Of `run`.
        workspace: The attempt's.
        door: The way to the hosts that it may reach; None: it reaches none.
    """
    told = json.dumps({"tool": tool, "arguments": dict(arguments)}).encode()
    ran = await sandbox.run(
        (sandbox.python, "-I", "-B", "-c", _CALL), workspace, limits=_CALL_LIMITS, stdin=told, door=door
    )
    if why := _why(ran):
        return Answer(error=why)
    try:
        answer = json.loads(ran.stdout)
        if "error" in answer:
            return Answer(error=f"{answer['error']}\n{answer.get('trace', '')}".strip())
        return Answer(value=answer["result"])
    except (ValueError, KeyError, TypeError):
        said = ran.stderr.decode(errors="replace").strip()[-1_000:]
        return Answer(error=f"it ended with status {ran.exit} and no result. {said}".strip())


def _why(ran: Ran) -> str | None:
    return f"It was stopped: {_STOPPED[ran.stopped]}." if ran.stopped else None
