"""Strangers: one polite line with a pairing code, and nothing else."""

import re

import structlog

from agentops import AgentOpsClient
from agentops.errors import (
    AgentOpsError,
    ContactTaken,
    PairingClosed,
    PairingNotFound,
    TooManyPairings,
)
from agentops.wire import ApprovePairing, NewPairing, Pairing
from gateway.session.memos import Memos
from gateway.telegram import answers
from gateway.telegram.access import Access
from gateway.telegram.buttons import Button, Choice, Inline, Verb
from gateway.telegram.errors import TelegramError
from gateway.telegram.places import Place
from gateway.telegram.sender import Sender
from gateway.telegram.updates import Incoming

log = structlog.get_logger(__name__)

REFUSAL_EVERY_S = 3600
TOLD_AN_HOUR = 30
"""Strangers over all who are answered within an hour: a crowd must not make the bot chatter."""
_CODE = re.compile(r"[2-9A-HJ-NP-Z]{8}")


def code_in(words: str) -> str | None:
    """The pairing code that somebody typed, however they spelled it; None for anything else."""
    code = re.sub(r"[\s-]", "", words).upper()
    return code if _CODE.fullmatch(code) else None


class Strangers:
    """Gives strangers a code, asks the owner about them, and lets them in or sends them away."""

    def __init__(self, ops: AgentOpsClient, memos: Memos, access: Access, sender: Sender) -> None:
        self._ops = ops
        self._memos = memos
        self._access = access
        self._sender = sender

    async def meet(self, message: Incoming) -> None:
        """Answer a stranger once an hour; groups are left in peace."""
        if not message.private or not await self._may_tell(message.user_id):
            return
        log.info("telegram.stranger_refused", user_id=message.user_id)
        new = NewPairing(
            channel="telegram", address=str(message.user_id), display_name=message.user_name[:200]
        )
        try:
            pairing = await self._ops.create_pairing(new)
        except (TooManyPairings, ContactTaken) as error:
            log.warning("pairing.refused", code=error.code)
            await self._say(message.chat_id, answers.CROWDED)
            return
        except AgentOpsError as error:
            log.warning("pairing.failed", code=error.code)
            await self._say(message.chat_id, answers.STRANGER)
            return
        await self._say(message.chat_id, answers.pairing(pairing.code, message.user_id))
        await self._ask_owners(pairing)

    async def let_in(self, code: str, *, by: str) -> str:
        """Approve; returns what the owner is told.

        Raises:
            AgentOpsError: The ledger is away.
        """
        try:
            person = await self._ops.approve_pairing(
                ApprovePairing(code=code), idempotency_key=f"telegram-let-in-{code}"
            )
        except (PairingNotFound, PairingClosed, ContactTaken) as error:
            log.warning("pairing.approval_refused", code=error.code)
            return answers.no_pairing(error.detail)
        chats = [int(one.address) for one in person.contacts if one.channel == "telegram"]
        self._access.forget()
        log.info("pairing.approved", person_id=person.id, role=person.role, by=by)
        if chats:
            await self._say(chats[-1], answers.WELCOME)
        return f"{person.name} may talk to me now, as {person.role}."

    async def send_away(self, code: str, *, by: str) -> str:
        """Reject; returns what the owner is told.

        Raises:
            AgentOpsError: The ledger is away.
        """
        try:
            pairing = await self._ops.reject_pairing(code, idempotency_key=f"telegram-send-away-{code}")
        except (PairingNotFound, PairingClosed) as error:
            return answers.no_pairing(error.detail)
        log.info("pairing.rejected", by=by)
        return f"{pairing.display_name or 'The stranger'} stays outside."

    async def show(self, owner: Place, pairings: list[Pairing]) -> None:
        """Show an owner who waits."""
        for pairing in pairings:
            await self._show(owner, pairing)

    async def _may_tell(self, user_id: int) -> bool:
        if not await self._memos.once(f"telegram:stranger:{user_id}", keep_s=REFUSAL_EVERY_S):
            return False
        slots = (f"telegram:stranger-slot:{slot}" for slot in range(TOLD_AN_HOUR))
        for slot in slots:
            if await self._memos.once(slot, keep_s=REFUSAL_EVERY_S):
                return True
        return False

    async def _ask_owners(self, pairing: Pairing) -> None:
        if not await self._memos.once(f"telegram:pairing:{pairing.code}", keep_s=REFUSAL_EVERY_S):
            return
        try:
            chats = await self._access.owners_chats()
        except AgentOpsError as error:
            log.warning("pairing.owner_not_asked", code=error.code)
            return
        for chat_id in chats:
            try:
                await self._show(Place(chat_id), pairing)
            except TelegramError as error:  # an owner who never wrote to this bot, for one
                log.info("pairing.owner_not_asked", reason=str(error))

    async def _show(self, owner: Place, pairing: Pairing) -> None:
        row = (
            Button("Let in", Choice(Verb.LET_IN, pairing.code)),
            Button("Send away", Choice(Verb.SEND_AWAY, pairing.code)),
        )
        text = answers.somebody_asks(pairing.display_name, pairing.address, pairing.code)
        await self._sender.say(owner, text, Inline((row,)))

    async def _say(self, chat_id: int, text: str) -> None:
        try:
            await self._sender.say(Place(chat_id), text)
        except TelegramError as error:
            log.info("telegram.answer_refused", chat_id=chat_id, reason=str(error))
