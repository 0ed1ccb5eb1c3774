"""Cards of tasks as they stand in the ledger, and decisions written into the messages above the buttons."""

import html as words_only
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from agentops import AgentOpsClient
from agentops.errors import AgentOpsError
from agentops.wire import Task, TaskId
from gateway.identity.rights import Right
from gateway.telegram import cards
from gateway.telegram.access import Speaker
from gateway.telegram.buttons import Inline
from gateway.telegram.cards import Card
from gateway.telegram.errors import Blocked, Refused
from gateway.telegram.markup import units
from gateway.telegram.parts import CAPTION_LIMIT, TEXT_LIMIT
from gateway.telegram.places import MessageRef, Place, group_session
from gateway.telegram.sender import Sender

if TYPE_CHECKING:
    from gateway.telegram.client import TelegramApi

log = structlog.get_logger(__name__)


class NotAllowedError(Exception):
    """Something that this person may not do; the message is for them."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a decision came to."""

    said: str
    """To who decided."""
    line: str = ""
    """Into the message; empty leaves its words."""
    keyboard: Inline | None = None
    """The buttons from now on; None leaves them."""
    alert: bool = False
    """It was not done, and they must not overlook that."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A message of the bot's own, as it was when somebody decided."""

    message: MessageRef
    html: str | None
    """None: Telegram does not show it any more."""
    captioned: bool


def concerns(task: Task, speaker: Speaker, place: Place | None) -> bool:
    """Whether a task was asked for where this person speaks; owners see to all of them."""
    if speaker.may(Right.MANAGE):
        return True
    heard = {str(speaker.session_id)}
    if place is not None and not place.private:
        heard.add(group_session(place))
    return task.origin in heard


class Showing:
    """Reads cards, sends them, and edits outcomes in."""

    def __init__(self, api: "TelegramApi", ops: AgentOpsClient, sender: Sender, *, panel: str) -> None:
        self._api = api
        self._ops = ops
        self._sender = sender
        self._panel = panel

    async def card(self, task_id: TaskId) -> Card:
        """A task with the question that it waits for.

        Raises:
            AgentOpsError: There is none with this id, or the ledger is away.
        """
        return cards.card_of(await self._ops.get_task(task_id), await self._ops.list_gates(task_id=task_id))

    async def buttons(self, task_id: TaskId) -> Inline:
        """What can be done with a task now.

        Raises:
            AgentOpsError: As `card`.
        """
        return (await self.card(task_id)).linked(self._panel)

    async def buttons_if_known(self, task_id: str) -> Inline | None:
        """As `buttons`; None while the ledger is away: a message does not wait for its buttons."""
        try:
            return await self.buttons(TaskId(task_id))
        except AgentOpsError as error:
            log.warning("telegram.no_buttons", task_id=task_id, code=error.code)
            return None

    async def receipt_if_known(self, task_ids: Sequence[str]) -> Inline | None:
        """What can be done with the tasks of a call; None while the ledger is away."""
        try:
            return cards.receipt([await self._ops.get_task(TaskId(one)) for one in task_ids])
        except AgentOpsError as error:
            log.warning("telegram.no_buttons", code=error.code)
            return None

    async def show_task(self, place: Place, task_id: TaskId, *, question: bool = False) -> None:
        """Send a card with the task's details, or with its question alone.

        Raises:
            TelegramError: Telegram did not take it, or not now.
            AgentOpsError: As `card`.
        """
        card = await self.card(task_id)
        project = await self._ops.get_project(card.task.project_id) if card.task.project_id else None
        name = project.name if project else None
        text = cards.question(card) if question else cards.details(card, project=name)
        await self._sender.say(place, text, card.linked(self._panel))

    async def edit_in(self, shown: Shown, outcome: Outcome) -> None:
        """Write an outcome into the message; where it does not fit, into a new one.

        Raises:
            TelegramError: Telegram did not answer, or not now.
        """
        line = words_only.escape(outcome.line, quote=False)
        limit = CAPTION_LIMIT if shown.captioned else TEXT_LIMIT
        fits = shown.html is not None and units(shown.html) + units(line) + 2 <= limit
        try:
            if line and fits and line not in (shown.html or ""):
                text = f"{shown.html}\n\n{line}"
                await self._api.edit(shown.message, text, outcome.keyboard, captioned=shown.captioned)
            elif outcome.keyboard is not None:
                await self._api.edit_buttons(shown.message, outcome.keyboard)
        except (Blocked, Refused) as error:  # unchanged, or deleted meanwhile
            log.debug("telegram.not_edited", reason=str(error))
        if line and not fits:
            await self._sender.say(Place(shown.message.chat_id), outcome.line)
