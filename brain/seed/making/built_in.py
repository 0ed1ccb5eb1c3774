"""The built-in skills as one tool for a worker's model: in a process of their own, on files of the workspace.

Skills that reach into the web are left out: a model fetches by its own tool, which keeps to the hosts that
the person allows.
"""

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from brain.seed import catalog
from brain.seed.errors import SkillFailed
from brain.seed.protocol import Done, InputFile, Job, TaskText

if TYPE_CHECKING:
    from brain.seed.agent.desk import Desk
    from brain.seed.runner import SkillRunner

NAME = "use_built_in"
_REACHES_OUT = frozenset({"link-check"})
_NEEDS_FILES = frozenset({"csv-report", "file-conversion", "text-summary"})


def built_in_tools(desk: "Desk", runner: "SkillRunner") -> list[Any]:
    """As Strands takes them."""
    from strands import tool

    skills = {skill.name: skill for skill in catalog.load() if skill.name not in _REACHES_OUT}
    about = "\n".join(f"- {skill.name}: {skill.description}" for skill in skills.values())

    @tool(
        name=NAME,
        description=(
            f"Use a tested skill that needs no model; cheaper and surer than a program of yours.\n{about}\n\n"
            "Answers with a summary and the paths of what it made."
        ),
    )
    async def use_built_in(name: str, request: str, files: list[str] | None = None) -> str:
        """Runs a built-in skill.

        Args:
            name: Of the skill.
            request: What is wanted, as a person would say it: “convert sales.csv to Excel”.
            files: Paths in your workspace that it works on.
        """
        if name not in skills:
            return f"Error: there is no built-in skill {name}. There are: {', '.join(skills)}."
        if name in _NEEDS_FILES and not files:
            return f"Error: {name} works on files; name at least one of your workspace."
        inputs = [_input(desk.workspace, path) for path in files or ()]
        desk.note(f"Using the skill {name}")
        job = Job(task=TaskText(title=request, description=""), inputs=inputs)
        try:
            return await _run(desk.workspace, runner, skills[name], job)
        except SkillFailed as failure:
            return f"Error: {failure}"

    return [use_built_in]


def _input(workspace: Path, path: str) -> InputFile:
    from brain.seed.agent.tools.places import file_at

    return InputFile(name=Path(path).name, path=str(file_at(workspace, path)), media_type="")


async def _run(workspace: Path, runner: "SkillRunner", skill: catalog.Skill, job: Job) -> str:
    with tempfile.TemporaryDirectory(prefix="cos-skill-") as folder:
        done = await runner.run(skill, job, Path(folder), lambda _: None)
        return await asyncio.to_thread(_taken_over, done, Path(folder), workspace, skill.name)


def _taken_over(done: Done, folder: Path, workspace: Path, skill: str) -> str:
    lines = [done.summary]
    for output in done.outputs:
        made = workspace / skill / Path(output.name).name
        made.parent.mkdir(exist_ok=True)
        shutil.copyfile(folder / output.path, made)
        lines.append(f"Made: {skill}/{made.name}")
    return "\n".join(lines)
