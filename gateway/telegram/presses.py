"""What becomes of a press on a button: a change in the ledger, told in the message itself.

The ledger decides what is still possible. A press that Telegram shows again changes nothing again, because
each carries its own id as idempotency key.
"""

from typing import TYPE_CHECKING

import structlog

from agentops import AgentOpsClient
from agentops.errors import Conflict, NotFound, ValidationFailed
from agentops.wire import Cancel, Priority, Retry, Task, TaskId, TaskPatch
from gateway.identity.rights import Right
from gateway.telegram import answers, buttons, cards
from gateway.telegram.access import Access, Speaker
from gateway.telegram.buttons import Choice, Inline, Verb
from gateway.telegram.errors import Blocked, Refused
from gateway.telegram.places import MessageRef, Place
from gateway.telegram.questions import CHOICES, Questions
from gateway.telegram.showing import NotAllowedError, Outcome, Showing, Shown, concerns
from gateway.telegram.strangers import Strangers
from gateway.telegram.updates import Press

if TYPE_CHECKING:
    from gateway.telegram.client import TelegramApi

log = structlog.get_logger(__name__)


class Presses:
    """Takes presses, whoever they come from."""

    def __init__(
        self,
        api: "TelegramApi",
        ops: AgentOpsClient,
        *,
        access: Access,
        showing: Showing,
        questions: Questions,
        strangers: Strangers,
    ) -> None:
        self._api = api
        self._ops = ops
        self._access = access
        self._showing = showing
        self._questions = questions
        self._strangers = strangers

    async def take(self, press: Press) -> None:
        """Do what a button says, or say why not.

        Raises:
            TelegramError: Telegram did not answer, or not now.
            AgentOpsError: The ledger did not answer, or not now.
        """
        speaker = await self._access.speaker(press.user_id, press.user_name)
        outcome = await self._outcome(press, speaker)
        if (shown := _shown(press)) is not None:
            await self._showing.edit_in(shown, outcome)
        await self.tell(press, outcome.said, alert=outcome.alert)

    async def tell(self, press: Press, text: str, *, alert: bool = False) -> None:
        """Say something to who pressed, and to nobody else."""
        try:
            await self._api.answer_press(press.id, text, alert=alert)
        except (Blocked, Refused) as error:  # pressed too long ago
            log.info("telegram.press_unanswered", reason=str(error))

    async def _outcome(self, press: Press, speaker: Speaker | None) -> Outcome:
        choice = buttons.read(press.data)
        bound = log.bind(user_id=press.user_id, verb=choice.verb.name if choice else None)
        if speaker is None or choice is None:
            bound.warning("telegram.press_refused", stranger=speaker is None)
            return Outcome(answers.OLD_BUTTON if speaker else answers.NOT_YOURS, alert=True)
        try:
            return await self._done(press, choice, speaker)
        except NotAllowedError as refused:
            bound.warning("telegram.press_refused", stranger=False)
            return Outcome(str(refused), alert=True)
        except (NotFound, ValidationFailed) as error:
            bound.info("telegram.press_in_vain", code=error.code)
            return Outcome(answers.OLD_BUTTON, alert=True)

    async def _done(self, press: Press, choice: Choice, speaker: Speaker) -> Outcome:
        place, key = press.place or Place(press.user_id), f"telegram-press-{press.id}"
        if choice.verb in (Verb.LET_IN, Verb.SEND_AWAY):
            return await self._paired(choice, speaker)
        if choice.verb in CHOICES:
            return await self._questions.chosen(choice, speaker, place, _shown(press), key=key)
        task = await self._task(choice)
        if not speaker.may(Right.ACT) or not concerns(task, speaker, place):
            raise NotAllowedError(answers.NOT_YOURS)
        try:
            if choice.verb in (Verb.UNDO, Verb.START):
                return await self._of_a_call(choice, task, speaker, press)
            return await self._task_choice(choice, task, speaker, place, key=key)
        except Conflict as error:
            log.info("telegram.press_in_vain", verb=choice.verb.name, code=error.code)
            said = f"Too late: {error.detail or 'the task has changed.'}"
            return Outcome(said, keyboard=await self._buttons_of(choice, task, press), alert=True)

    async def _task(self, choice: Choice) -> Task:
        if choice.verb is Verb.FIND:
            return await self._ops.find_task(int(choice.ref) if choice.ref.isdecimal() else 0)
        return await self._ops.get_task(TaskId(choice.ref))

    async def _task_choice(
        self, choice: Choice, task: Task, speaker: Speaker, place: Place, *, key: str
    ) -> Outcome:
        match choice.verb:
            case Verb.ASK_CANCEL:
                return Outcome("", keyboard=cards.sure_to_cancel(task))
            case Verb.ASK_PRIORITY:
                return Outcome("", keyboard=cards.priorities(task))
            case Verb.DETAILS | Verb.FIND:
                await self._showing.show_task(place, task.id)
                return Outcome("")
            case Verb.CANCEL | Verb.RETRY | Verb.PRIORITY:
                said = await self._change(choice, task, speaker, key)
                log.info("telegram.pressed", verb=choice.verb.name, task_id=task.id)
                line = f"✓ {said} · {speaker.name}"
                return Outcome(f"{said}.", line, await self._showing.buttons(task.id))
        return Outcome("", keyboard=await self._showing.buttons(task.id))

    async def _change(self, choice: Choice, task: Task, speaker: Speaker, key: str) -> str:
        """Write it; returns what was done."""
        if choice.verb is Verb.RETRY:
            await self._ops.retry(task.id, Retry(), idempotency_key=key)
            return "Queued again"
        if choice.verb is Verb.PRIORITY:
            if choice.arg not in list(Priority):
                raise NotAllowedError(answers.OLD_BUTTON)
            patch = TaskPatch(priority=Priority(choice.arg))
            await self._ops.update_task(task.id, patch, idempotency_key=key)
            return f"Priority {choice.arg}"
        reason = Cancel(reason=f"{speaker.name} cancelled it on Telegram.")
        changed = await self._ops.cancel(task.id, reason, idempotency_key=key)
        return "Cancelled" if changed.finished_at else "Its worker is asked to stop"

    async def _of_a_call(self, choice: Choice, task: Task, speaker: Speaker, press: Press) -> Outcome:
        """Take back what a call created, or put it before all else."""
        key = f"telegram-press-{press.id}"
        if choice.verb is Verb.START:
            first = TaskPatch(priority=Priority.CRITICAL, run_after=None)
            await self._ops.update_task(task.id, first, idempotency_key=key)
            said = "Comes first now"
        else:
            reason = Cancel(reason=f"{speaker.name} took it back after the call.")
            changed = await self._ops.cancel(task.id, reason, idempotency_key=key)
            said = "Taken back" if changed.finished_at else "Its worker is asked to stop"
        log.info("telegram.pressed", verb=choice.verb.name, task_id=task.id)
        line = f"✓ {said}: task {task.number} · {speaker.name}"
        return Outcome(f"{said}.", line, await self._buttons_of(choice, task, press))

    async def _buttons_of(self, choice: Choice, task: Task, press: Press) -> Inline | None:
        """The buttons under this message from now on; under a receipt, those of all its tasks."""
        if choice.verb not in (Verb.UNDO, Verb.START):
            return await self._showing.buttons(task.id)
        found = [one for data in press.beside if (one := buttons.read(data)) is not None]
        return await self._showing.receipt_if_known(list(dict.fromkeys(one.ref for one in found)))

    async def _paired(self, choice: Choice, speaker: Speaker) -> Outcome:
        if not speaker.may(Right.MANAGE):
            raise NotAllowedError(answers.OWNER_ONLY)
        decide = self._strangers.let_in if choice.verb is Verb.LET_IN else self._strangers.send_away
        said = await decide(choice.ref, by=speaker.name)
        return Outcome(said, f"✓ {said}")


def _shown(press: Press) -> Shown | None:
    if press.place is None or press.message_id is None:
        return None
    return Shown(MessageRef(press.place.chat_id, press.message_id), press.html, press.captioned)
