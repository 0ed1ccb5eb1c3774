"""What all tools of one attempt share, and how they end it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from agentops.wire import GateKind
from agentops.worker import Job

_AGREED = frozenset({"yes", "allow", "approve", "approved"})


class ToolRefused(ValueError):
    """What the model asked for cannot be done; the message tells it what to do instead.

    Strands hands a ValueError to the model as the tool's result.
    """


class Ended(BaseException):
    """Ends the attempt from within a tool. No `Exception`, so that the agent's loop lets it pass."""


class Finished(Ended):
    """The work is done.

    Args:
        result: As the ledger keeps it.
    """

    def __init__(self, result: dict[str, Any]) -> None:
        super().__init__("finished")
        self.result = result


class Raised(Ended):
    """Carries an exception that the worker's loop understands.

    Args:
        error: Such as GiveUp or TryAgain.
    """

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


@dataclass(frozen=True)
class Desk:
    """One attempt.

    Attributes:
        job: The claim.
        workspace: The attempt's own folder, absolute.
        add_tool: Offers one more tool from the next step on.
        note: Tells the person what is being done.
    """

    job: Job
    workspace: Path
    add_tool: Callable[[Any], None]
    note: Callable[[str], None]

    def ask(self, question: str, *, options: Sequence[str] = (), kind: GateKind = GateKind.QUESTION) -> str:
        """The person's answer; without one, the attempt ends here and goes on with this very call."""
        return self.job.ask(question, options=options, kind=kind)

    def agrees(self, question: str, *, yes: str, no: str) -> bool:
        """Whether the person approves, by the button or in words; else the attempt ends here."""
        answer = self.ask(question, options=(yes, no), kind=GateKind.APPROVAL)
        return answer.strip().lower().rstrip(".!") in _AGREED | {yes.lower()}

    def end(self, why: BaseException) -> NoReturn:
        """Ends the attempt with an exception that the worker's loop understands."""
        raise Raised(why) if isinstance(why, Exception) else why
