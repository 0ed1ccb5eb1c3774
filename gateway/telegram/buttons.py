"""Buttons under messages, and what a press on one says.

What a button carries are ids of rows of the ledger and nothing else, in at most 64 bytes: it means the same
after any restart, and whether it may still be done is the ledger's to say.
https://core.telegram.org/bots/api#inlinekeyboardbutton
"""

import re
from dataclasses import dataclass
from enum import Enum
from uuid import UUID

DATA_LIMIT_BYTES = 64
LABEL_LIMIT = 60

_DATA = re.compile(r"(?P<verb>[a-z]{1,2}):(?P<ref>[A-Za-z0-9]{0,40})(?::(?P<arg>[A-Za-z0-9._*-]{1,20}))?")
_HEX = re.compile(r"[0-9a-f]{32}")


class Verb(Enum):
    """What pressing asks for; `ref` is a task's id unless something else is said."""

    DETAILS = "d"
    FIND = "f"
    """Details of the task with the number `ref`."""
    ASK_CANCEL = "ca"
    CANCEL = "cc"
    KEEP = "ck"
    ASK_PRIORITY = "pa"
    PRIORITY = "pp"
    RETRY = "r"
    UNDO = "u"
    """Cancel at once what a call created."""
    START = "s"
    """Before all other work, whatever time it was to wait for."""
    OPTION = "o"
    """`ref` is a gate, `arg` the number of its option."""
    APPROVE = "y"
    DENY = "n"
    OTHER = "w"
    """`ref` is a gate: ask for an answer in words."""
    LET_IN = "li"
    """`ref` is a pairing code."""
    SEND_AWAY = "lo"


@dataclass(frozen=True, slots=True)
class Choice:
    """What one button stands for."""

    verb: Verb
    ref: str
    arg: str = ""

    def data(self) -> str:
        """As Telegram carries it."""
        ref = UUID(self.ref).hex if len(self.ref) == 36 else self.ref
        data = f"{self.verb.value}:{ref}" + (f":{self.arg}" if self.arg else "")
        if len(data.encode()) > DATA_LIMIT_BYTES:
            raise ValueError(f"a button carries at most {DATA_LIMIT_BYTES} bytes")
        return data


def read(data: str) -> Choice | None:
    """What a press says; None for what no button of ours ever carried."""
    match = _DATA.fullmatch(data)
    if match is None:
        return None
    try:
        verb = Verb(match["verb"])
    except ValueError:
        return None
    ref = match["ref"]
    return Choice(verb, str(UUID(ref)) if _HEX.fullmatch(ref) else ref, match["arg"] or "")


@dataclass(frozen=True, slots=True)
class Button:
    """One button: a choice, or a link."""

    label: str
    choice: Choice | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Inline:
    """Buttons under a message, row by row."""

    rows: tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class AskAnswer:
    """The person's next message shall answer this one."""

    placeholder: str


@dataclass(frozen=True, slots=True)
class AskNumber:
    """A button in place of the keyboard that sends the person's own phone number."""

    label: str


@dataclass(frozen=True, slots=True)
class NoKeyboard:
    """Take such a button away."""


Keyboard = Inline | AskAnswer | AskNumber | NoKeyboard


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a message is sent, besides its words."""

    keyboard: Keyboard | None = None
    answers: int | None = None
    """The message of the same chat that it replies to."""
    silent: bool = False
    """Without a sound."""


def labelled(text: str) -> str:
    """Words that fit on a button."""
    line = " ".join(text.split())
    return line if len(line) <= LABEL_LIMIT else f"{line[: LABEL_LIMIT - 1].rstrip()}…"
