"""The PIN: typed on the telephone's keys, kept as a hash. Pure, but slow on purpose."""

import base64
import hashlib
import hmac
import re
import secrets

from gateway.phone.errors import PinUnusable

_SHAPE = re.compile(r"\d{4,12}", re.ASCII)
_HASH = re.compile(r"scrypt:(?P<salt>[A-Za-z0-9_-]{22}):(?P<key>[A-Za-z0-9_-]{43})")
_COST, _BLOCK, _LANES = 2**14, 8, 1
"""About 50 ms and 16 MB a try (RFC 7914)."""


def hash_of(pin: str) -> str:
    """What PHONE_PIN_HASH holds.

    Raises:
        PinUnusable: Not 4 to 12 digits, or one that is guessed first.
    """
    if _SHAPE.fullmatch(pin) is None:
        raise PinUnusable("a PIN is 4 to 12 digits")
    if len(set(pin)) == 1 or pin in "01234567890123456789" or pin in "98765432109876543210":
        raise PinUnusable("this PIN would be guessed first: take digits that do not follow each other")
    salt = secrets.token_bytes(16)
    return f"scrypt:{_text(salt)}:{_text(_stretched(pin, salt))}"


def is_hash(text: str) -> bool:
    """Whether `hash_of` could have made this."""
    return _HASH.fullmatch(text) is not None


def matches(pin: str, hashed: str) -> bool:
    """Whether this is the PIN; takes as long for a wrong one."""
    found = _HASH.fullmatch(hashed)
    if found is None or _SHAPE.fullmatch(pin) is None:
        return False
    return hmac.compare_digest(_stretched(pin, _bytes(found["salt"])), _bytes(found["key"]))


def _stretched(pin: str, salt: bytes) -> bytes:
    return hashlib.scrypt(pin.encode(), salt=salt, n=_COST, r=_BLOCK, p=_LANES, dklen=32)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
