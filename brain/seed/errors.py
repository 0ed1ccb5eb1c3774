"""What can go wrong in the worker.

SeedError
├── FetchRefused     the web was not read
├── RosterRefused    a specialist cannot be raised, started or found
├── SkillUnusable    a skill's folder cannot be read
└── SkillFailed      a skill ran and has no result           .retryable
"""

# The names say what happened; the suffix would say again that it is an error.


class SeedError(Exception):
    """Base of all errors of this part."""


class FetchRefused(SeedError):
    """Nothing was read from the web; the message, for the model, says why."""


class RosterRefused(SeedError):
    """No specialist came of it; the message says why and what to do."""


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
