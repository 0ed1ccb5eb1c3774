"""What can go wrong around a sandboxed command; what goes wrong inside is a `Ran`."""

from brain.seed.errors import SeedError


class SandboxUnavailable(SeedError):
    """This machine offers no sandbox; the message says what to install or allow."""


class BoxBroken(SeedError):
    """A box could not be made or filled; the message says why."""
