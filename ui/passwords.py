"""The owner's password: kept as an argon2id hash, tried a few times a minute. Pure, but slow on purpose."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MIN_CHARS = 12
MAX_CHARS = 500
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""OWASP's least: 19 MiB and about 30 ms a try, so that trying does not fill the panel's memory."""


def hash_of(password: str) -> str:
    """What UI_PASSWORD_HASH holds.

    Raises:
        ValueError: it is too short to hold against guessing.
    """
    if not MIN_CHARS <= len(password) <= MAX_CHARS:
        raise ValueError(f"a password is {MIN_CHARS} to {MAX_CHARS} characters; a few words will do")
    return _HASHER.hash(password)


def is_hash(text: str) -> bool:
    """Whether `hash_of` could have made this."""
    try:
        _HASHER.check_needs_rehash(text)
    except InvalidHashError:
        return False
    return text.startswith("$argon2id$")


def matches(password: str, hashed: str) -> bool:
    """Whether this is the password; takes as long for a wrong one."""
    try:
        return len(password) <= MAX_CHARS and _HASHER.verify(hashed, password)
    except VerificationError:
        return False
