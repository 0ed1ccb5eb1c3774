"""What can go wrong in the chief.

ChiefError
└── ToolRefused       a tool was asked for something that it cannot do   .code
"""

# The name says what happened; the suffix would say again that it is an error.


class ChiefError(Exception):
    """Base of the chief's errors."""


class ToolRefused(ChiefError):
    """A tool's arguments make no sense; nothing was written.

    Args:
        code: Stable, for programs.
        detail: For the model and the person: what was wrong and what to do.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
