"""Planning, and the ways in which a task ends: handed in, asked about, given up."""

import mimetypes
from typing import Any

from strands import tool
from typing_extensions import TypedDict

from agentops import AgentOpsError
from agentops.worker import GiveUp, clean
from brain.seed.agent.desk import Desk, Finished, ToolRefused
from brain.seed.agent.planning import Plan
from brain.seed.agent.tools.places import file_at
from brain.seed.outputs import store
from brain.seed.protocol import OutputFile

_LONGEST_SUMMARY = 20_000
_MOST_FILES = 50
_UNKNOWN_TYPE = "application/octet-stream"
_TEXT_TYPES = {".md": "text/markdown", ".csv": "text/csv", ".json": "application/json", ".txt": "text/plain"}


class Check(TypedDict):
    """How one acceptance criterion is met."""

    criterion: int
    """Its number, from 1."""
    met: bool
    evidence: str
    """What shows it: what was run, what is in which file."""


class EndingTools:
    """`plan`, `step_done`, `finish`, `ask_person`, `give_up`."""

    def __init__(self, desk: Desk, plan: Plan) -> None:
        self._desk = desk
        self._plan = plan

    def all(self) -> list[Any]:
        """As Strands takes them."""
        return [self.plan, self.step_done, self.finish, self.ask_person, self.give_up]

    @tool
    async def plan(self, steps: list[str]) -> str:
        """Write down the steps that lead to the result, in their order; the person sees them.

        Args:
            steps: Two to eight short sentences.
        """
        self._plan.write(steps)
        return self._plan.shown()

    @tool
    async def step_done(self, note: str = "") -> str:
        """Say that the next step of the plan is done. Returns the plan.

        Args:
            note: What came of it, for the person, in one sentence.
        """
        self._plan.advance(note)
        return self._plan.shown() or "There is no plan; write one with `plan`."

    @tool
    async def finish(
        self, summary: str, files: list[str] | None = None, checks: list[Check] | None = None
    ) -> str:
        """Hand in the result. The task is then done.

        Args:
            summary: One to three sentences for the person: what came out, with the figures that matter.
            files: Paths of the files that are the result.
            checks: For each acceptance criterion: its number, whether it is met, and what shows it.
        """
        if not summary.strip():
            raise ToolRefused("summary: say in a sentence what came out.")
        self._check_criteria(checks or [])
        outputs = [self._output(path) for path in dict.fromkeys(files or [])][:_MOST_FILES]
        try:
            stored = await store(self._desk.job, outputs, self._desk.workspace)
        except AgentOpsError as error:
            raise ToolRefused(f"The ledger did not take the files: {error.detail}") from error
        result: dict[str, Any] = {
            "summary": clean(summary.strip(), _LONGEST_SUMMARY),
            "artifacts": [artifact.id for artifact in stored],
        }
        if checks:
            result["checks"] = [dict(check) for check in checks]
        raise Finished(result)

    @tool
    async def ask_person(self, question: str, options: list[str] | None = None) -> str:
        """Ask the person and wait for the answer, when the task cannot go on without them.

        Args:
            question: One concrete question, with what they need to know to answer it.
            options: Answers to choose from; they may still answer otherwise.
        """
        if not question.strip():
            raise ToolRefused("question: ask something.")
        return self._desk.ask(question.strip(), options=(options or [])[:10])

    @tool
    async def give_up(self, reason: str) -> str:
        """Say that the task cannot be done. It then fails and is not tried again.

        Args:
            reason: For the person: what is missing or wrong, and what they could do.
        """
        self._desk.end(GiveUp(clean(reason.strip() or "The worker gave up.", _LONGEST_SUMMARY)))

    def _check_criteria(self, checks: list[Check]) -> None:
        """Refuses a result that leaves a criterion open."""
        criteria = self._desk.job.task.acceptance_criteria
        told = {check["criterion"]: check for check in checks}
        for number, text in enumerate(criteria, 1):
            check = told.get(number)
            if check is None or not check["evidence"].strip():
                raise ToolRefused(
                    f"checks: criterion {number} (“{text}”) is not checked. Check it, then finish."
                )
            if not check["met"]:
                raise ToolRefused(
                    f"Criterion {number} (“{text}”) is not met, so this is not done. Go on working, "
                    "ask the person, or give up."
                )

    def _output(self, path: str) -> OutputFile:
        found = file_at(self._desk.workspace, path)
        kind = _TEXT_TYPES.get(found.suffix.lower()) or mimetypes.guess_type(found.name)[0] or _UNKNOWN_TYPE
        relative = found.relative_to(self._desk.workspace.resolve()).as_posix()
        return OutputFile(name=found.name, path=relative, media_type=kind)
