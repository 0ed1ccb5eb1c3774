"""Questions and approvals of tasks: answered by a button or in words, once, by who may."""

from typing import Final

import msgspec
import structlog

from agentops import AgentOpsClient
from agentops.errors import GateClosed, NotFound
from agentops.wire import Gate, GateAnswer, GateId, GateKind, GateStatus
from gateway.identity.rights import Right
from gateway.session.memos import Memos
from gateway.telegram import answers, cards
from gateway.telegram.access import Speaker
from gateway.telegram.buttons import AskAnswer, Choice, Verb
from gateway.telegram.cards import Card
from gateway.telegram.places import MessageRef, Place
from gateway.telegram.sender import Sender
from gateway.telegram.showing import NotAllowedError, Outcome, Showing, Shown, concerns
from gateway.telegram.updates import Incoming

log = structlog.get_logger(__name__)

CHOICES: Final = frozenset({Verb.OPTION, Verb.APPROVE, Verb.DENY, Verb.OTHER})
_KEEP_S = 30 * 86_400
_LONGEST = 10_000
_SHOWN_AT_ONCE = 10


class _Asked(msgspec.Struct, frozen=True):
    """A question that the bot put to somebody in words, and the card that it came from."""

    gate_id: str
    card: Shown | None


class Questions:
    """Every answer goes to the ledger, which takes the first and refuses the rest."""

    def __init__(self, ops: AgentOpsClient, memos: Memos, sender: Sender, showing: Showing) -> None:
        self._ops = ops
        self._memos = memos
        self._sender = sender
        self._showing = showing

    async def chosen(
        self, choice: Choice, speaker: Speaker, place: Place, card: Shown | None, *, key: str
    ) -> Outcome:
        """Take one of `CHOICES`.

        Args:
            choice: Of a gate.
            speaker: Who chose.
            place: Where.
            card: The message with the button.
            key: Names this press.

        Raises:
            NotAllowedError: It is not theirs to answer.
            TelegramError, AgentOpsError: No answer, or not now; NotFound: there is no such gate.
        """
        gate = await self._ops.get_gate(GateId(choice.ref))
        await self._check(gate, speaker, place)
        if choice.verb is Verb.OTHER and gate.status is GateStatus.OPEN:
            await self._ask(gate, place, card)
            return Outcome("")
        words = _words_of(choice, gate)
        return await (self._answer(gate, words, speaker, key=key) if words else self._too_late(gate.id))

    async def answered_in_words(self, message: Incoming, speaker: Speaker) -> bool:
        """Take a reply to a question of ours; False for any other message.

        Raises:
            TelegramError, AgentOpsError: No answer, or not now.
        """
        asked = await self._asked(message)
        if asked is None:
            return False
        try:
            said = await self._take_words(asked, message, speaker)
        except NotFound:
            said = answers.OLD_BUTTON
        except NotAllowedError as refused:
            log.warning("gate.answer_refused", gate_id=asked.gate_id, user_id=message.user_id)
            said = str(refused)
        await self._sender.say(message.place, said)
        return True

    async def approve(self, place: Place, words: str, speaker: Speaker) -> str | None:
        """`/approve`: show the approvals that wait, or say yes to one task; returns what is left to say.

        Raises:
            TelegramError, AgentOpsError: No answer, or not now.
        """
        open_gates = await self._ops.list_gates(status=GateStatus.OPEN)
        gates = [gate for gate in open_gates if gate.kind is GateKind.APPROVAL]
        if not words:
            for gate in gates[:_SHOWN_AT_ONCE]:
                await self._showing.show_task(place, gate.task_id, question=True)
            return None if gates else ""
        number = words.removeprefix("#")
        if not number.isdecimal() or len(number) > 9:
            return f"“{words[:40]}” is neither a pairing code nor the number of a task."
        try:
            task = await self._ops.find_task(int(number))
        except NotFound:
            return f"There is no task {number}."
        asked = next((gate for gate in gates if gate.task_id == task.id), None)
        if asked is None:
            return f"Task {number} does not wait for an approval."
        if asked.options:
            await self._showing.show_task(place, task.id, question=True)
            return None
        outcome = await self._answer(asked, cards.YES, speaker, key=f"telegram-approve-{asked.id}")
        return f"Task {number}: {outcome.said}"

    async def _take_words(self, asked: _Asked, message: Incoming, speaker: Speaker) -> str:
        gate = await self._ops.get_gate(GateId(asked.gate_id))
        await self._check(gate, speaker, message.place)
        if not message.text:
            return answers.ANSWER_IN_WORDS
        key = f"telegram-answer-{message.external_id}"
        outcome = await self._answer(gate, message.text[:_LONGEST], speaker, key=key)
        if asked.card is not None:
            await self._showing.edit_in(asked.card, outcome)
        return outcome.said

    async def _check(self, gate: Gate, speaker: Speaker, place: Place) -> None:
        right = Right.APPROVE if gate.kind is GateKind.APPROVAL else Right.ANSWER
        if not speaker.may(right) or not concerns(await self._ops.get_task(gate.task_id), speaker, place):
            raise NotAllowedError(answers.NOT_YOURS)

    async def _answer(self, gate: Gate, words: str, speaker: Speaker, *, key: str) -> Outcome:
        try:
            answered = await self._ops.answer_gate(
                gate.id, GateAnswer(answer=words, by=speaker.name), idempotency_key=key
            )
        except GateClosed:
            return await self._too_late(gate.id)
        log.info("gate.answered", gate_id=gate.id, task_id=gate.task_id, person_id=speaker.person_id)
        buttons = await self._showing.buttons(gate.task_id)
        return Outcome("Thank you, the work goes on.", cards.outcome_of(answered), buttons)

    async def _too_late(self, gate_id: GateId) -> Outcome:
        """Somebody answered before, or the time was over."""
        gate = await self._ops.get_gate(gate_id)
        log.warning("gate.answer_refused", gate_id=gate.id, task_id=gate.task_id, status=gate.status)
        line = cards.outcome_of(gate)
        buttons = await self._showing.buttons(gate.task_id)
        return Outcome(f"Your answer was not taken. {line}", line, buttons, alert=True)

    async def _ask(self, gate: Gate, place: Place, card: Shown | None) -> None:
        """Ask for words; the reply to that very message answers that very gate."""
        task = await self._ops.get_task(gate.task_id)
        text = f"{cards.question(Card(task, gate))}\n\nReply to this message with your answer."
        sent = await self._sender.say(place, text, AskAnswer(f"Answer for task {task.number}"))
        if sent is not None:
            asked = msgspec.json.encode(_Asked(gate.id, card)).decode()
            await self._memos.put(_key(MessageRef(place.chat_id, sent)), asked, keep_s=_KEEP_S)

    async def _asked(self, message: Incoming) -> _Asked | None:
        if message.answers is None:
            return None
        kept = await self._memos.get(_key(MessageRef(message.chat_id, message.answers)))
        return None if kept is None else msgspec.json.decode(kept, type=_Asked)


def _words_of(choice: Choice, gate: Gate) -> str | None:
    if choice.verb is Verb.APPROVE:
        return cards.YES
    if choice.verb is Verb.DENY:
        return cards.NO
    known = choice.arg.isdecimal() and int(choice.arg) < len(gate.options)
    return gate.options[int(choice.arg)] if known else None


def _key(message: MessageRef) -> str:
    return f"telegram:asked:{message.chat_id}:{message.message_id}"
