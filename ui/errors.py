"""What can go wrong in the panel.

PanelError
├── NotSignedIn         the browser's login ended while a page was open
├── GatewayRefused      the gateway did not take a message, and says why
├── OpenIdRefused       a sign-in over OpenID Connect does not hold
└── OpenIdUnavailable   the OpenID provider does not answer as one
"""


class PanelError(Exception):
    """Base of the panel's own errors."""


class NotSignedIn(PanelError):
    """The browser's login ended while a page was open."""


class OpenIdRefused(PanelError):
    """A sign-in over OpenID Connect does not hold; the text is for the log."""


class OpenIdUnavailable(PanelError):
    """The OpenID provider does not answer as one; the text is for the log."""


class GatewayRefused(PanelError):
    """The gateway did not take a message.

    Attributes:
        status: HTTP status to hand on.
        code: the stable code of the problem.
        detail: what was wrong and what to do, for the person.
    """

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
