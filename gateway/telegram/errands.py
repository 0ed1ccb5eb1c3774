"""The commands that the channel answers itself, and the linking of a phone number."""

import re
from dataclasses import dataclass

import structlog

from agentops import AgentOpsClient
from agentops.errors import ContactTaken, NotFound
from agentops.wire import NewContact, NewLogin, PairingStatus, Scope, TaskId
from gateway.identity.rights import Right
from gateway.outbound import Ringer
from gateway.telegram import answers
from gateway.telegram.access import Speaker
from gateway.telegram.buttons import AskNumber, Keyboard, NoKeyboard
from gateway.telegram.calling import call_me
from gateway.telegram.commands import Typed
from gateway.telegram.preferring import Preferring
from gateway.telegram.questions import Questions
from gateway.telegram.showing import Showing, concerns
from gateway.telegram.strangers import Strangers, code_in
from gateway.telegram.updates import Incoming, SharedNumber

log = structlog.get_logger(__name__)

LOGIN_VALID_S = 300
_NUMBER = re.compile(r"\+?\d{5,15}")
_TASK_LINK = re.compile(r"task-?([0-9a-f-]{32,36}|\d{1,9})")


@dataclass(frozen=True, slots=True)
class Said:
    """What the channel answers."""

    text: str
    keyboard: Keyboard | None = None


class Errands:
    """Each returns what to say; None when it has said everything."""

    def __init__(
        self,
        ops: AgentOpsClient,
        *,
        strangers: Strangers,
        questions: Questions,
        showing: Showing,
        panel: str,
        ringer: Ringer | None = None,
    ) -> None:
        self._ops = ops
        self._strangers = strangers
        self._questions = questions
        self._showing = showing
        self._panel = panel
        self._ringer = ringer
        self._preferring = Preferring(ops)

    async def run(self, typed: Typed, message: Incoming, speaker: Speaker, session_id: str) -> Said | None:
        """Do what a command of route HERE asks for.

        Raises:
            TelegramError, AgentOpsError: No answer, or not now.
        """
        match typed.name:
            case "whoami":
                who = answers.whoami(message.user_id, session_id, speaker.name, speaker.role)
                return Said(who)
            case "start" if typed.rest:
                return await self._deep_link(typed.rest, message, speaker)
            case "start":
                return Said(answers.START)
            case "approve":
                return await self._approve(typed.rest, message, speaker)
            case "panel":
                return await self._panel_link(message, speaker)
            case "phone":
                return self._ask_number(message)
            case "call":
                return Said(await call_me(self._ops, self._ringer, speaker, typed.rest))
            case "quiet":
                return Said(await self._preferring.quiet(typed.rest, speaker))
            case "notify":
                return Said(await self._preferring.notify(typed.rest.split(), speaker))
            case "voice":
                return Said(await self._preferring.voice(typed.rest, speaker))
            case "budget":
                return Said(await self._preferring.budget(speaker))
        return Said(answers.help_text())

    async def link_number(self, shared: SharedNumber, message: Incoming, speaker: Speaker) -> Said:
        """Link a shared phone number, if it is the person's own by Telegram's word.

        Raises:
            AgentOpsError: The ledger did not answer, or not now.
        """
        digits = re.sub(r"[^\d+]", "", shared.number)
        if shared.user_id != message.user_id or not message.private or not _NUMBER.fullmatch(digits):
            log.warning("telegram.number_refused", user_id=message.user_id)
            return Said(answers.NUMBER_OF_ANOTHER, NoKeyboard())
        if speaker.person_id is None:
            return Said(answers.UNKNOWN_TO_LEDGER, NoKeyboard())
        number = digits if digits.startswith("+") else f"+{digits}"
        contact = NewContact(channel="phone", address=number, verified=True, label="Telegram")
        try:
            await self._ops.add_contact(speaker.person_id, contact)
        except ContactTaken:
            log.warning("telegram.number_refused", user_id=message.user_id, person_id=speaker.person_id)
            return Said(answers.NUMBER_TAKEN, NoKeyboard())
        log.info("telegram.number_linked", person_id=speaker.person_id)
        return Said(f"Your number ending in {number[-3:]} is linked.", NoKeyboard())

    async def _deep_link(self, payload: str, message: Incoming, speaker: Speaker) -> Said | None:
        """`t.me/<bot>?start=…`: `task-<id or number>` shows a task, `approve-<code>` lets somebody in."""
        if payload.startswith("approve-"):
            return await self._approve(payload.removeprefix("approve-"), message, speaker)
        link = _TASK_LINK.fullmatch(payload)
        if link is None:
            return Said(answers.START)
        try:
            number = link[1]
            task = await (
                self._ops.find_task(int(number))
                if number.isdecimal() and len(number) < 10
                else self._ops.get_task(TaskId(number))
            )
        except NotFound:
            return Said("There is no such task, or no longer.")
        if not speaker.may(Right.ACT) or not concerns(task, speaker, message.place):
            return Said(answers.NOT_YOURS)
        await self._showing.show_task(message.place, task.id)
        return None

    async def _approve(self, words: str, message: Incoming, speaker: Speaker) -> Said | None:
        if not speaker.may(Right.APPROVE):
            log.warning("telegram.command_refused", command="approve", user_id=message.user_id)
            return Said(answers.OWNER_ONLY)
        if (code := code_in(words)) is not None:
            return Said(await self._strangers.let_in(code, by=speaker.name))
        left = await self._questions.approve(message.place, words, speaker)
        if words:
            return Said(left) if left else None
        pairings = await self._ops.list_pairings(status=PairingStatus.PENDING)
        if message.private:
            await self._strangers.show(message.place, pairings)
        return None if left is None or pairings else Said(answers.NOTHING_TO_APPROVE)

    async def _panel_link(self, message: Incoming, speaker: Speaker) -> Said:
        if not speaker.may(Right.MANAGE):
            log.warning("telegram.command_refused", command="panel", user_id=message.user_id)
            return Said(answers.OWNER_ONLY)
        if not message.private:
            return Said(answers.IN_PRIVATE)
        if not self._panel:
            return Said("I do not know where the panel is: PUBLIC_URL is not set.")
        login = await self._ops.create_login(NewLogin(scope=Scope.ADMIN, expires_in_s=LOGIN_VALID_S))
        url = f"{self._panel.rstrip('/')}/login?token={login.token}"
        return Said(answers.panel_link(url, LOGIN_VALID_S // 60))

    @staticmethod
    def _ask_number(message: Incoming) -> Said:
        if not message.private:
            return Said(answers.IN_PRIVATE)
        return Said(answers.SHARE_NUMBER, AskNumber("Share my phone number"))
