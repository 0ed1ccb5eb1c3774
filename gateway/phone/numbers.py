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


def spoken_number(text: str) -> int | None:
    """A number up to 99 in words, or any in digits; None for anything else."""
    words = text.lower().replace("-", " ").split()
    if len(words) == 1 and words[0].isdecimal():
        return int(words[0])
    values = [_NUMBERS.get(word) for word in words]
    match values:
        case [int(one)]:
            return one
        case [int(tens), int(units)] if tens >= 20 and 0 < units < 10:
            return tens + units
    return None


_UPTO_19 = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_NUMBERS = {word: value for value, word in enumerate(_UPTO_19.split())} | {
    word: 10 * value for value, word in enumerate(_TENS.split(), 2)
}
_HOW = "not a telephone number: it begins with + and the country, such as +493012345678"
