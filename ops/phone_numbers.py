"""Numbers at Twilio: what could be bought, buying one, and leading its calls to the gateway."""

from dataclasses import dataclass
from typing import Any

from gateway.phone.errors import TwilioRefused
from gateway.phone.rest import asked, opened_client
from gateway.phone.settings import PhoneSettings
from gateway.phone.webhooks import STATUS, VOICE
from ops.errors import PhoneUnusable

MOST = 10


@dataclass(frozen=True)
class Offer:
    """A number that could be bought."""

    number: str
    where: str


@dataclass(frozen=True)
class Own:
    """A number of the account."""

    number: str
    leads_to: str
    """Where its calls go now; empty: nowhere."""


async def owned(settings: PhoneSettings) -> list[Own]:
    """The account's numbers.

    Raises:
        PhoneUnusable: Twilio refused, or does not answer; the message says what to do.
    """
    async with opened_client(_with_account(settings)) as client:
        found = await _told(client.incoming_phone_numbers.list_async(limit=50))
    return [Own(str(one.phone_number), str(one.voice_url or "")) for one in found]


async def offered(settings: PhoneSettings, country: str, contains: str = "") -> list[Offer]:
    """Numbers for sale that can be called.

    Args:
        settings: With the account.
        country: Two letters, such as US.
        contains: Digits that they shall have.

    Raises:
        PhoneUnusable: As `owned`; also for a country without any.
    """
    async with opened_client(_with_account(settings)) as client:
        local = client.available_phone_numbers(country).local
        wanted: dict[str, Any] = {"contains": contains} if contains else {}
        found = await _told(local.list_async(voice_enabled=True, limit=MOST, **wanted))
    return [Offer(str(one.phone_number), f"{one.locality or ''} {one.region or ''}".strip()) for one in found]


async def buy(settings: PhoneSettings, number: str) -> str:
    """Buy a number, and lead its calls here; the number.

    Raises:
        PhoneUnusable: As `owned`; nothing was bought then.
    """
    where = _where(settings)
    async with opened_client(_with_account(settings)) as client:
        bought = await _told(client.incoming_phone_numbers.create_async(phone_number=number, **where))
    return str(bought.phone_number)


async def lead_here(settings: PhoneSettings, number: str) -> str:
    """Lead the calls of a number that the account has to this gateway; where they go now.

    Raises:
        PhoneUnusable: As `owned`; also when the account has no such number.
    """
    where = _where(settings)
    async with opened_client(_with_account(settings)) as client:
        found = await _told(client.incoming_phone_numbers.list_async(phone_number=number, limit=1))
        if not found:
            raise PhoneUnusable(f"The account has no number {number}; `cos phone setup` shows which it has.")
        await _told(client.incoming_phone_numbers(found[0].sid).update_async(**where))
    return where["voice_url"]


def _where(settings: PhoneSettings) -> dict[str, str]:
    base = settings.reached_at
    if not base.startswith("https://"):
        raise PhoneUnusable(
            "Twilio has to reach the gateway over https: set PHONE_PUBLIC_URL to an address that leads "
            "there, such as a tunnel's."
        )
    return {
        "voice_url": f"{base}{VOICE}",
        "voice_method": "POST",
        "status_callback": f"{base}{STATUS}",
        "status_callback_method": "POST",
    }


def _with_account(settings: PhoneSettings) -> PhoneSettings:
    if not settings.account_sid or settings.auth_token is None:
        raise PhoneUnusable(
            "There is no account yet: make one at twilio.com and put TWILIO_ACCOUNT_SID and "
            "TWILIO_AUTH_TOKEN, both on its console's first page, into .env."
        )
    return settings


async def _told(asking: Any) -> Any:
    try:
        return await asked(asking)
    except TwilioRefused as refused:
        raise PhoneUnusable(f"{refused}.") from None
