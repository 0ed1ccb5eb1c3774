"""What Telegram can answer, without aiogram's types and without the token that its messages quote.

GatewayError
└── TelegramError
    ├── SlowDown        429: wait `after_s`
    ├── Unreachable     no answer, or one that makes no sense; what was asked may have been done
    ├── TokenRefused    401, 404: the bot's token is wrong
    ├── AnotherPoller   409: someone else reads this bot's updates
    ├── Blocked         403, or the chat is gone
    ├── BadMarkup       400: entities that it cannot parse
    ├── FileTooBig      more than a bot may fetch or send
    ├── Refused         400 for any other reason
    └── PeopleUnknown   the ledger does not say who speaks
"""

# The names say what happened; the suffix would say again that it is an error.

from gateway.errors import GatewayError


class TelegramError(GatewayError):
    """Base of what a call of the Bot API raises. The message is Telegram's own, with the token cut out."""


class SlowDown(TelegramError):
    """Flood control."""

    def __init__(self, detail: str, after_s: float) -> None:
        super().__init__(detail)
        self.after_s = after_s


class Unreachable(TelegramError):
    """No usable answer.

    Args:
        detail: What happened instead.
        perhaps_done: The call may have been carried out all the same; False when nobody could be asked.
    """

    def __init__(self, detail: str, *, perhaps_done: bool = True) -> None:
        super().__init__(detail)
        self.perhaps_done = perhaps_done


class TokenRefused(TelegramError):
    """No bot has this token (any more)."""


class AnotherPoller(TelegramError):
    """Another process reads the same bot's updates."""


class Blocked(TelegramError):
    """This chat takes nothing from the bot: blocked, deleted, left or moved."""


class BadMarkup(TelegramError):
    """The text's markup was refused; as plain text it may pass."""


class FileTooBig(TelegramError):
    """Bots fetch at most 20 MB and send at most 50 MB."""


class Refused(TelegramError):
    """The request makes no sense to Telegram."""


class PeopleUnknown(TelegramError):
    """Who speaks cannot be learned now, so nothing may be done for them, and nothing may be lost."""
