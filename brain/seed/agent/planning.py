"""The plan of a task, and how far it is: what the person sees of the work."""

from agentops.worker import Job

_MOST_STEPS = 30
_ALMOST = 0.95
"""Shown when all steps are done and the result is not handed in."""


class Plan:
    """The steps, as the model last wrote them down.

    Args:
        job: Whose progress this is.
        steps: From an earlier attempt.
        done: How many of them were done.
    """

    def __init__(self, job: Job, steps: list[str], done: int) -> None:
        self._job = job
        self.steps = steps
        self.done = min(done, len(steps))

    def write(self, steps: list[str]) -> None:
        """Begin a plan anew."""
        self.steps, self.done = [step.strip() for step in steps if step.strip()][:_MOST_STEPS], 0
        self.tell()

    def advance(self, note: str = "") -> None:
        """One step is done."""
        self.done = min(self.done + 1, len(self.steps))
        self.tell(note)

    def tell(self, note: str = "") -> None:
        """Show the person where the work stands."""
        share = min(self.done / len(self.steps), _ALMOST) if self.steps else None
        doing = self.steps[self.done] if self.done < len(self.steps) else "Checking the result"
        self._job.progress(share, note.strip() or doing)

    def shown(self) -> str:
        """For the model."""
        marks = [f"{'x' if number < self.done else ' '}" for number in range(len(self.steps))]
        return "\n".join(f"[{mark}] {step}" for mark, step in zip(marks, self.steps, strict=True))
