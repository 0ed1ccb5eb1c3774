"""Tool arguments, as a model writes them, made into what the ledger takes."""

from collections.abc import Sequence
from datetime import date, datetime, time

from rapidfuzz import fuzz, process, utils

from agentops import AgentOpsClient
from agentops.wire import ArtifactId, Project
from brain.chief.errors import ToolRefused
from brain.messages import File

_SAME_NAME_SCORE = 88


def due_at(text: str, now: datetime, *, end_of_day: bool = True) -> datetime:
    """A date in ISO 8601. Without a zone it is the person's.

    Args:
        text: A date, or a date and a time.
        now: The person's local time.
        end_of_day: What a date alone means: the end of that day, or its begin.

    Raises:
        ToolRefused: It is no such date.
    """
    try:
        if len(text.strip()) == 10:
            at = time(23, 59) if end_of_day else time(0)
            return datetime.combine(date.fromisoformat(text.strip()), at, now.tzinfo)
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ToolRefused(
            "invalid_due", f"{text!r} is no date. Give ISO 8601, such as 2030-01-31 or 2030-01-31T17:00."
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)


async def project_named(ops: AgentOpsClient, name: str) -> Project:
    """The project that a person calls `name`; small slips of the pen are forgiven.

    Raises:
        ToolRefused: None has such a name, or several have.
    """
    known = await ops.list_projects()
    wanted = name.strip().casefold()
    exact = [project for project in known if wanted in (project.name.casefold(), project.id)]
    if exact:
        return exact[0]
    names = {project.id: project.name for project in known}
    near = process.extract(
        name, names, scorer=fuzz.ratio, processor=utils.default_process, score_cutoff=_SAME_NAME_SCORE
    )
    if len(near) == 1:
        return next(project for project in known if project.id == near[0][2])
    there = ", ".join(project.name for project in known[:20]) or "none yet"
    raise ToolRefused("project_not_found", f"There is no project called “{name}”. Projects: {there}.")


def artifact_ids(wanted: Sequence[str], files: Sequence[File]) -> list[ArtifactId]:
    """Artifacts by id, or by the name of a file that came with this turn."""
    by_name = {file.name.casefold(): file.artifact_id for file in files}
    return [ArtifactId(by_name.get(one.casefold(), one)) for one in wanted]
