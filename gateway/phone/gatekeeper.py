"""The door of a call: what has to come before anything is done for a caller.

stranger ──────────────► a message may be left, and nothing else
claimed ──── the PIN ──► open        three wrong ones end the call, a few more lock the person's door
confirmed ─────────────► open        whom we rang, says something first: it may be a machine
"""

import asyncio
import re
from dataclasses import dataclass
from enum import StrEnum

import structlog
from pydantic import SecretStr

from gateway.phone import wording
from gateway.phone.metrics import REFUSED
from gateway.phone.parties import Party, Trust
from gateway.phone.pins import matches
from gateway.session.memos import Memos
from voice.port import Utterance, UtteranceKind

TRIES = 3
LOCK_AFTER = 6
"""Wrong PINs of one person, over all calls, until nobody is let in for a while."""
LOCK_S = 900
_DIGITS = {
    word: str(value)
    for value, words in enumerate(("zero oh o", "one", "two to", "three", "four for", "five", "six", "seven",
                                   "eight", "nine"))
    for word in words.split()
}  # fmt: skip

log = structlog.get_logger(__name__)


class Door(StrEnum):
    """How it stands."""

    OPEN = "open"
    PIN = "pin"
    RUNG = "rung"
    """Open for who says anything."""
    MESSAGE = "message"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of something that was said at the door."""

    words: str
    ends: bool = False
    """The call is over."""


class Gatekeeper:
    """One call's door."""

    def __init__(self, party: Party, pin_hash: SecretStr | None, memos: Memos, call_id: str) -> None:
        self._party = party
        self._hash = pin_hash
        self._memos = memos
        self._call_id = call_id
        self._wrong = 0
        self.door = _first(party)

    async def shut_for_a_while(self) -> bool:
        """Whether there were too many wrong PINs lately."""
        return self.door is Door.PIN and len(await self._memos.gathered(self._group)) >= LOCK_AFTER

    async def knock(self, utterance: Utterance) -> Verdict:
        """Take what was said or typed at a door that wants a PIN."""
        pin = utterance.text if utterance.kind is UtteranceKind.KEYS else spoken_digits(utterance.text)
        if not pin:
            return Verdict(wording.PIN_FIRST)
        if await self.shut_for_a_while():
            return self._shut(wording.PIN_LOCKED)
        hashed = self._hash.get_secret_value() if self._hash else ""
        if await asyncio.to_thread(matches, pin.rstrip("#"), hashed):
            self.door = Door.OPEN
            await self._memos.drop(self._group)
            log.info("call.let_in", call_id=self._call_id, person_id=self._party.person_id)
            return Verdict(wording.let_in(self._party))
        return await self._refused()

    async def _refused(self) -> Verdict:
        self._wrong += 1
        name = f"{self._call_id}:{self._wrong}"
        await self._memos.gather(self._group, name, "wrong", keep_s=LOCK_S)
        log.warning("call.wrong_pin", call_id=self._call_id, person_id=self._party.person_id)
        REFUSED.labels("pin").inc()
        return self._shut(wording.PIN_REFUSED) if self._wrong >= TRIES else Verdict(wording.ASK_PIN_AGAIN)

    def welcome(self) -> Verdict:
        """Somebody whom we rang is there."""
        self.door = Door.OPEN
        return Verdict(self._party.message)

    def _shut(self, words: str) -> Verdict:
        self.door = Door.CLOSED
        return Verdict(words, ends=True)

    @property
    def _group(self) -> str:
        return f"phone:wrong-pins:{self._party.person_id}"


def spoken_digits(text: str) -> str:
    """The digits of words that are nothing but digits; empty for any others. Pure."""
    words = re.findall(r"[a-z]+|\d", text.lower())
    digits = [_DIGITS.get(word, word if word.isdigit() else "") for word in words]
    return "".join(digits) if digits and all(digits) else ""


def _first(party: Party) -> Door:
    if party.trust is Trust.CONFIRMED and party.rung:
        return Door.RUNG
    doors = {Trust.CONFIRMED: Door.OPEN, Trust.CLAIMED: Door.PIN, Trust.STRANGER: Door.MESSAGE}
    return doors[party.trust]
