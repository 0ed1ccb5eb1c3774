"""The keys of this installation: made at the first start, kept in `COS_HOME/keys.json` (0600)."""

import os
import secrets
from pathlib import Path

import msgspec

from agentops.wire import MintedKey
from ops.errors import DataUnusable


class Keys(msgspec.Struct, frozen=True):
    """The ledger stores only hashes; this file is the one place that has them in the clear."""

    admin: str
    agent: str
    reader: str
    ui_storage: str


def load_or_make(home: Path) -> Keys:
    """Read them, or make them.

    Raises:
        DataUnusable: the file cannot be understood.
    """
    path = home / "keys.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=Keys)
    except FileNotFoundError:
        return _make(home)
    except msgspec.MsgspecError as error:
        raise DataUnusable(
            f"{path} is damaged ({error}). Remove it: new keys are made at the next start."
        ) from error


def take_over(home: Path, rotated: MintedKey) -> bool:
    """Keep the new secret of one of this installation's own keys; False when it is none of them."""
    held = load_or_make(home)
    if rotated.name not in ("admin", "agent", "reader") or rotated.name != rotated.scope:
        return False
    write(home, msgspec.structs.replace(held, **{rotated.name: rotated.secret}))
    return True


def write(home: Path, keys: Keys) -> None:
    """Replace the file in one step."""
    unfinished = home / "keys.new"
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(keys)))
    unfinished.replace(home / "keys.json")


def _make(home: Path) -> Keys:
    made = Keys(*(f"cos_{scope}_{secrets.token_urlsafe(32)}" for scope in ("admin", "agent", "reader", "ui")))
    write(home, made)
    return made
