"""The names that come from outside: which ones a session can have, and what a resume position looks like."""

import re
from typing import NewType

from gateway.errors import InvalidPosition, InvalidSessionId
from gateway.session.turns import SessionId

Position = NewType("Position", str)
"""Where in a session's durable messages a listener stands; opaque to it."""

_SESSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@-]{0,99}")
_POSITION = re.compile(r"\d{1,20}-\d{1,20}")


def session_id(text: str) -> SessionId:
    """Take a session's name from outside.

    Raises:
        InvalidSessionId: Not 1 to 100 of the characters that the ledger takes in a name.
    """
    if _SESSION.fullmatch(text) is None:
        raise InvalidSessionId(
            "a session id is 1 to 100 letters, digits or any of . _ : @ - and begins with a letter or digit"
        )
    return SessionId(text)


def position(text: str) -> Position:
    """Take a resume position from outside.

    Raises:
        InvalidPosition: Not one that `SessionStream.listen` gave.
    """
    if _POSITION.fullmatch(text) is None:
        raise InvalidPosition(
            "the resume position is not one that this stream gave; leave it out to start now"
        )
    return Position(text)
