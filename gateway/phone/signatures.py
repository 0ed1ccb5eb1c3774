"""Whether a request is Twilio's: https://www.twilio.com/docs/usage/security#validating-requests."""

from collections.abc import Mapping

from pydantic import SecretStr
from twilio.request_validator import RequestValidator

from gateway.phone.errors import Forged

HEADER = "X-Twilio-Signature"


class Signatures:
    """Checks what came, over the address that Twilio was given for it."""

    def __init__(self, token: SecretStr, base: str) -> None:
        """Nothing is asked of anybody.

        Args:
            token: The account's.
            base: Where Twilio reaches us, `https://…`, without a slash at its end.
        """
        self._validator = RequestValidator(token.get_secret_value())
        self._base = base

    def webhook(self, path: str, fields: Mapping[str, str], shown: str) -> None:
        """Check a webhook.

        Raises:
            Forged: The signature is missing or wrong.
        """
        self._check(f"{self._base}{path}", fields, shown)

    def upgrade(self, path: str, shown: str) -> None:
        """Check the handshake of a media stream; it is signed over its wss address.

        Raises:
            Forged: The signature is missing or wrong.
        """
        self._check(f"{socket_base(self._base)}{path}", {}, shown)

    def _check(self, url: str, fields: Mapping[str, str], shown: str) -> None:
        if not shown:
            raise Forged("it is not signed")
        if not self._validator.validate(url, dict(fields), shown):
            raise Forged(
                "the signature is wrong; if it is Twilio's, PHONE_PUBLIC_URL is not what Twilio calls"
            )


def socket_base(base: str) -> str:
    """The same place for WebSockets: wss for https."""
    return f"ws{base.removeprefix('http')}"
