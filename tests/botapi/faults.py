"""What can go wrong on purpose: handed to `BotApiServer.fail`."""

from dataclasses import dataclass

from tests.botapi.records import Refusal


class Fault:
    """Base of all faults."""


@dataclass(frozen=True)
class Refuse(Fault):
    """Any refusal; nothing is carried out."""

    code: int
    description: str
    retry_after: int | None = None

    def refusal(self) -> Refusal:
        """As the handler raises it."""
        return Refusal(self.code, self.description, self.retry_after)


def too_many_requests(retry_after: int) -> Refuse:
    """Flood control: 429 with the seconds to wait."""
    return Refuse(429, f"Too Many Requests: retry after {retry_after}", retry_after)


def forbidden() -> Refuse:
    """The person blocked the bot."""
    return Refuse(403, "Forbidden: bot was blocked by the user")


def cannot_parse() -> Refuse:
    """The markup is refused, whatever it was."""
    return Refuse(400, "Bad Request: can't parse entities: Unsupported start tag at byte offset 0")


def conflict() -> Refuse:
    """Another poller is at work."""
    return Refuse(
        409,
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    )


@dataclass(frozen=True)
class BadGateway(Fault):
    """A proxy's HTML page in place of an answer; nothing is carried out."""

    status: int = 502


@dataclass(frozen=True)
class Hang(Fault):
    """No answer for so long; then the call is carried out as if nothing had been."""

    seconds: float


@dataclass(frozen=True)
class CutConnection(Fault):
    """The connection breaks before anything is carried out."""


@dataclass(frozen=True)
class LoseAnswer(Fault):
    """The call is carried out, and the connection breaks before the answer."""


@dataclass(frozen=True)
class Answer(Fault):
    """This result as it is, whatever the schema says: what a newer API may send to an older bot."""

    result: object
