"""Twilio's REST API, as much of it as is needed. Loads twilio's SDK; imported only where a telephone is.

https://www.twilio.com/docs/voice/api/call-resource
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

import structlog
from aiohttp import ClientError, encode_basic_auth
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.rest import Client

from gateway.phone.errors import TwilioRefused
from gateway.phone.settings import PhoneSettings

T = TypeVar("T")
TIMEOUT_S = 10.0
_HOME = "https://api.twilio.com"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Price:
    """What a call cost, as Twilio says some minutes after its end."""

    micros: int
    """Millionths of the unit."""
    unit: str


class TwilioRest:
    """The account's calls."""

    def __init__(self, client: Client, settings: PhoneSettings) -> None:
        self._client = client
        self._settings = settings

    async def place(self, number: str, *, taken: str, status: str, machine: str) -> str:
        """Ring a number; the call's id.

        Args:
            number: E.164.
            taken: Asked for what to do when the call is taken.
            status: Told how it goes on.
            machine: Told whether a person or a machine took it.

        Raises:
            TwilioRefused: It was not placed; with `perhaps_done`, it may have been.
        """
        call = await asked(
            self._client.calls.create_async(
                to=number,
                from_=self._settings.number,
                url=taken,
                status_callback=status,
                status_callback_event=["ringing", "answered", "completed"],
                timeout=self._settings.ring_for_s,
                machine_detection="DetectMessageEnd",
                async_amd="true",
                async_amd_status_callback=machine,
            )
        )
        return str(call.sid)

    async def tell(self, call_sid: str, twiml: str) -> None:
        """Make a call that goes on do something else.

        Raises:
            TwilioRefused: It is over, or Twilio does not answer.
        """
        await asked(self._client.calls(call_sid).update_async(twiml=twiml))

    async def hang_up(self, call_sid: str) -> None:
        """End a call. Best effort: what was ended already is well."""
        try:
            await asked(self._client.calls(call_sid).update_async(status="completed"))
        except TwilioRefused as error:
            log.info("call.not_hung_up", call_id=call_sid, reason=str(error))

    async def price(self, call_sid: str) -> Price | None:
        """What a call cost; None while Twilio does not know yet.

        Raises:
            TwilioRefused: There is no such call, or Twilio does not answer.
        """
        call = await asked(self._client.calls(call_sid).fetch_async())
        if call.price is None:
            return None
        return Price(micros=abs(round(float(call.price) * 1_000_000)), unit=str(call.price_unit or ""))


@asynccontextmanager
async def open_rest(settings: PhoneSettings) -> AsyncIterator[TwilioRest]:
    """A client of the account's API.

    Raises:
        ValueError: The settings have no account.
    """
    async with opened_client(settings) as client:
        yield TwilioRest(client, settings)


@asynccontextmanager
async def opened_client(settings: PhoneSettings) -> AsyncIterator[Client]:
    """The SDK's client, which closes its connections at the end."""
    if settings.auth_token is None:
        raise ValueError("Twilio's API needs TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN")
    async with _Http(settings.api_base) as http:
        token = settings.auth_token.get_secret_value()
        yield Client(settings.account_sid, token, http_client=http)


class _Http(AsyncTwilioHttpClient):  # type: ignore[misc]  # it has no types
    """Sends to TWILIO_API_BASE; the SDK itself knows one host only."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self._base = base
        # It tells each request in a dozen lines, and what matters of it is told here.
        logging.getLogger("twilio").setLevel(logging.WARNING)

    async def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        if self._base != _HOME:
            parts = urlsplit(url)
            query = f"?{parts.query}" if parts.query else ""
            url = f"{self._base}{parts.path}{query}"
        if auth := kwargs.pop("auth", None):
            # The SDK's own way is one that aiohttp is about to drop.
            kwargs["headers"] = {**(kwargs.get("headers") or {}), "Authorization": encode_basic_auth(*auth)}
        return await super().request(method, url, *args, **kwargs)


async def asked(asking: Awaitable[T]) -> T:
    """Wait for a call of the SDK.

    Raises:
        TwilioRefused: For all that goes wrong; the message holds no credential.
    """
    try:
        async with asyncio.timeout(TIMEOUT_S):
            return await asking
    except TwilioRestException as error:
        raise TwilioRefused(f"Twilio refused it: {error.msg} (code {error.code})") from None
    except (TwilioException, ClientError) as error:
        raise TwilioRefused(f"Twilio does not answer: {type(error).__name__}", perhaps_done=True) from None
    except TimeoutError:
        raise TwilioRefused("Twilio does not answer in time", perhaps_done=True) from None
