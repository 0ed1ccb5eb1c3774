"""Telephone numbers, as the ledger keeps them: E.164, such as +493012345678. Pure."""

import phonenumbers

from gateway.phone.errors import NumberUnreadable

_SHOWN_DIGITS = 3


def e164(text: str) -> str:
    """A number in its one international form.

    Raises:
        NumberUnreadable: It does not begin with + and a country, or no such number can exist.
    """
    try:
        parsed = phonenumbers.parse(text.strip(), None)
    except phonenumbers.NumberParseException:
        raise NumberUnreadable(_HOW) from None
    if not phonenumbers.is_possible_number(parsed):
        raise NumberUnreadable(_HOW)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def shown(number: str) -> str:
    """Enough of a number to recognise it in a log or a message, and no more."""
    return f"…{number[-_SHOWN_DIGITS:]}" if number else "withheld"


_HOW = "not a telephone number: it begins with + and the country, such as +493012345678"
