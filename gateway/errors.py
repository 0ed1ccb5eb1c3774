"""What can go wrong in the gateway.

GatewayError
├── SessionError
│   ├── LeaseLost           the session belongs to another brain now: write nothing more
│   ├── TurnStopped         the person stopped the turn, so its answer was not taken
│   ├── Busy                too many turns wait; the message was not taken
│   ├── InvalidSessionId    not a name that a session can have
│   └── InvalidPosition     not a resume position that the stream gave
├── DeliveryError
│   ├── RetryLater          the platform wants to be asked again, after a while
│   └── Undeliverable       the platform refused for good
└── BadRequest              a person's or program's input, refused with advice
    └── TooLarge
"""

# The names say what happened; the suffix would say again that it is an error.


class GatewayError(Exception):
    """Base of all errors that the gateway raises on purpose."""


class SessionError(GatewayError):
    """Base of what the session stream raises."""


class LeaseLost(SessionError):
    """The lease ran out or was taken over. Nothing was written, and nothing may be written after it."""


class TurnStopped(SessionError):
    """The person stopped this turn before its answer was there. Nothing was written."""


class Busy(SessionError):
    """Too many turns wait for an answer. The message was not taken; `str()` says so in words for the person.

    Args:
        waiting: How many wait, in this session or in all.
        everywhere: It is not this session alone.
        retry_after_s: When to try again.
    """

    def __init__(self, waiting: int, *, everywhere: bool, retry_after_s: float) -> None:
        whose = "from everybody" if everywhere else "of ours"
        super().__init__(
            f"One moment, please: {waiting} messages {whose} still wait for an answer, so this one was not "
            "taken. Send it again shortly; /status and /stop work all the while."
        )
        self.waiting = waiting
        self.everywhere = everywhere
        self.retry_after_s = retry_after_s


class InvalidSessionId(SessionError):
    """Not a name that a session can have; the message says which names can."""


class InvalidPosition(SessionError):
    """Not a resume position that the stream gave."""


class DeliveryError(GatewayError):
    """Base of what a channel raises when it could not deliver."""


class RetryLater(DeliveryError):
    """The platform did not take this part now; the parts before it are with the person.

    Args:
        after_s: How long the platform asked us to wait. None leaves the wait to the delivery's own backoff.
        reason: For the log; never holds a message's text or a secret.
        perhaps_sent: The platform may have taken the part all the same: its answer was lost on the way.
    """

    def __init__(self, after_s: float | None = None, reason: str = "", *, perhaps_sent: bool = False) -> None:
        super().__init__(reason or "the platform asked to be tried again later")
        self.after_s = after_s
        self.reason = reason
        self.perhaps_sent = perhaps_sent


class Undeliverable(DeliveryError):
    """The platform refused for good: the person blocked the bot, the chat is gone. The message says which."""


class BadRequest(GatewayError):
    """Input that is refused. `code` is stable; the message says what was wrong and what to do."""

    status = 400

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


class TooLarge(BadRequest):
    """More than this channel takes; the message says what to do instead."""

    status = 413

    def __init__(self, detail: str) -> None:
        super().__init__("too_large", detail)
