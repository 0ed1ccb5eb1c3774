"""What can go wrong in the worker.

SeedError
├── SkillUnusable    a skill's folder cannot be read
└── SkillFailed      a skill ran and has no result           .retryable
"""

# The names say what happened; the suffix would say again that it is an error.


class SeedError(Exception):
    """Base of all errors of this part."""


class SkillUnusable(SeedError):
    """The folder holds no skill that can be run; the message says what is missing."""


class SkillFailed(SeedError):
    """The skill has no result. The message is for the person.

    Args:
        message: What was wrong and, where it helps, what to do.
        retryable: Whether the same input may well succeed later.
    """

    def __init__(self, message: str, *, retryable: bool) -> None:
        super().__init__(message)
        self.retryable = retryable
