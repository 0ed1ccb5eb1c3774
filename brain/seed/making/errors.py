"""What can go wrong with a made skill."""

from collections.abc import Sequence

from brain.seed.errors import SeedError, SkillUnusable


class SkillRejected(SeedError):
    """A draft is not good enough to be kept.

    Args:
        problems: What is wrong, each in a sentence that says what to change.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(f"- {problem}" for problem in problems))
        self.problems = tuple(problems)


class SkillSpoilt(SkillUnusable):
    """What was stored is not what was registered, or is no skill's archive."""


class SkillGone(SkillUnusable):
    """There is no such skill, or it is retired."""


class NotApproved(SkillUnusable):
    """It came from outside, and the person said no."""
