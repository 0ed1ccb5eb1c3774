"""What can go wrong on the telephone.

GatewayError
└── PhoneError
    ├── Forged             a webhook, socket or token that is not from Twilio, or came before
    ├── NumberUnreadable   not a telephone number
    ├── PinUnusable        not a PIN that may be set
    ├── NotRinging         no call was placed: a limit, a setting, a budget; the message says which
    └── TwilioRefused      Twilio's API said no, or did not answer
"""

from gateway.errors import GatewayError


class PhoneError(GatewayError):
    """Base of what this channel raises on purpose."""


class Forged(PhoneError):
    """Not from Twilio, or not for the first time. The message is for the log."""


class NumberUnreadable(PhoneError):
    """Not a telephone number; the message says how one looks."""


class PinUnusable(PhoneError):
    """Not a PIN that may be set; the message says which may."""


class NotRinging(PhoneError):
    """No call was placed. The message says why, in words for the person."""


class TwilioRefused(PhoneError):
    """Twilio's API said no, or did not answer.

    Args:
        detail: What it said; never a credential.
        perhaps_done: The answer was lost: what was asked for may have happened.
    """

    def __init__(self, detail: str, *, perhaps_done: bool = False) -> None:
        super().__init__(detail)
        self.perhaps_done = perhaps_done
