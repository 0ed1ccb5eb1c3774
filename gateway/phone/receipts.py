"""The call receipt: after a call, one message on another channel that says what came of it."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from agentops import AgentOpsClient
from agentops.errors import AgentOpsError
from agentops.wire import Artifact, NewTurn, PersonId, Task, TaskId
from gateway.phone.conversation import Conversation
from gateway.phone.exchanges import Exchange
from gateway.phone.numbers import shown
from gateway.phone.parties import Party
from gateway.phone.recordings import Kept
from gateway.phone.wording import lasted
from gateway.session.stream import SessionStream
from gateway.session.turns import CALL_ENDED, CALLS, Action, Attachment, Notice

LAST_ANSWERS_S = 20.0
"""How long what was asked just before the end may take, to be in the receipt."""
_WRITTEN = "telegram"
_LONGEST_ASKED = 120
_LONGEST_ANSWER = 600
_VERBS = {
    "task.created": "Created",
    "task.updated": "Changed",
    "task.cancelled": "Cancelled",
    "task.retried": "Started again",
    "project.created": "New project",
    "schedule.created": "Planned",
    "gate.answered": "Answered",
    "call.planned": "Will call about",
    "call.dropped": "No call any more about",
}

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Done:
    """Something that a call changed."""

    action: Action
    task: Task | None


@dataclass(frozen=True, slots=True)
class Receipts:
    """Writes receipts."""

    stream: SessionStream
    ops: AgentOpsClient
    clock: Callable[[], datetime]
    panel_url: str = ""
    """Where a browser opens the panel; empty: receipts have no links."""

    async def give(
        self, call_id: str, party: Party, talk: Conversation, *, seconds: float, recording: Kept | None = None
    ) -> None:
        """Tell what came of a call, when something did. Waits a little for the last answers.

        Raises:
            AgentOpsError: The ledger cannot take the record.
        """
        if talk.message:
            await self._tell(call_id, party, left_message(party, talk.message))
            return
        if not talk.exchanges.asked and recording is None:
            return
        actions = await self._actions(talk)
        done = [Done(action, await self._task(action)) for action in actions]
        text = text_of(seconds, talk, done, recording)
        await self._tell(call_id, party, text, done, recording.artifact if recording else None)

    async def _actions(self, talk: Conversation) -> list[Action]:
        """What the call's turns changed, those that were not heard out included."""
        try:
            async with asyncio.timeout(LAST_ANSWERS_S):
                for answer in talk.ear.answers:
                    await answer.finished()
                await talk.second_thoughts.settled()
        except TimeoutError:
            log.warning("call.answers_outstanding")
        talk.second_thoughts.stop()
        replies = [answer.reply for answer in talk.ear.answers if answer.reply is not None]
        actions = (action for reply in replies for action in reply.actions)
        return [action for action in actions if talk.second_thoughts.stands(action)]

    async def _task(self, action: Action) -> Task | None:
        if not action.type.startswith(("task.", "call.")):
            return None
        try:
            return await self.ops.get_task(TaskId(action.entity_id))
        except AgentOpsError as error:
            log.warning("call.task_not_read", code=error.code)
            return None

    async def _tell(
        self,
        call_id: str,
        party: Party,
        text: str,
        done: Sequence[Done] = (),
        recording: Artifact | None = None,
    ) -> None:
        channel, address = await self._where(party)
        tasks = list(dict.fromkeys(one.task.id for one in done if one.task is not None))
        notice = Notice(
            id=f"call-{call_id}",
            session_id=party.session_id,
            kind=CALL_ENDED,
            text=text,
            task_id=tasks[0] if len(tasks) == 1 else None,
            actions=tuple(one.action for one in done),
            # Shown where it lies: what was sent elsewhere could not be removed with the record any more.
            attachments=_attached(recording) if channel == "web" else (),
            url=self._address(recording),
            channel=channel,
            address=address,
            at=self.clock(),
        )
        record = NewTurn(
            id=notice.id,
            role="notice",
            channel="notice",
            text=text,
            attachments=[recording.id] if recording else [],
            said_at=notice.at,
        )
        await self.ops.record_turn(party.session_id, record)
        await self.stream.notify(notice)
        log.info("call.receipt_given", call_id=call_id, channel=channel, tasks=len(tasks))

    def _address(self, recording: Artifact | None) -> str | None:
        panel = self.panel_url.rstrip("/")
        return f"{panel}/files/{recording.id}" if panel and recording else None

    async def _where(self, party: Party) -> tuple[str, str | None]:
        """A channel that stays, and where on it: as they last wrote there, or as the ledger knows them."""
        known = dict((await self.stream.addresses(party.session_id)).by_channel)
        if _WRITTEN not in known and party.person_id is not None:
            contacts = (await self.ops.get_person(PersonId(party.person_id))).contacts
            known |= {
                one.channel: one.address for one in contacts if one.channel == _WRITTEN and one.verified_at
            }
        elsewhere = [one for one in known if one not in CALLS | {"web"}]
        channel = _WRITTEN if _WRITTEN in elsewhere else next(iter(elsewhere), "web")
        return channel, known.get(channel)


def text_of(seconds: float, talk: Conversation, done: list[Done], recording: Kept | None = None) -> str:
    """The words of a receipt. Pure."""
    lines = [f"Our call lasted {lasted(seconds)}."]
    lines += list(dict.fromkeys(_line(one) for one in done))
    if not done:
        lines.append("Nothing was created or changed.")
        lines += [f"You said: “{_cut(asked)}”" for asked in talk.exchanges.asked[-3:]]
    lines += [_unheard(one) for one in talk.exchanges.unheard]
    lines += [_recorded(recording)] if recording else []
    return "\n".join(lines)


def _recorded(recording: Kept) -> str:
    if recording.artifact is None:
        return "You allowed me to record it, but the recording could not be kept."
    return f"You allowed me to record it: {lasted(recording.seconds)}, with this message in the panel."


def _attached(recording: Artifact | None) -> tuple[Attachment, ...]:
    if recording is None:
        return ()
    return (
        Attachment(
            artifact_id=recording.id,
            name=recording.name,
            media_type=recording.media_type,
            size_bytes=recording.size_bytes,
        ),
    )


def _unheard(exchange: Exchange) -> str:
    asked = _cut(exchange.turn.text)
    if exchange.answer.reply is None:
        return f"I have no answer yet to: “{asked}”"
    answer = _cut(exchange.answer.reply.text, _LONGEST_ANSWER)
    return f"You did not hear to its end what I answered to “{asked}”: “{answer}”"


def left_message(party: Party, message: list[str]) -> str:
    """A stranger's message. Pure."""
    words = " ".join(message)
    return (
        f"Somebody called from an unknown number ({party.address or shown('')}) and left a message: “{words}”"
    )


def _line(done: Done) -> str:
    what = _VERBS.get(done.action.type, done.action.type)
    if done.task is None:
        return f"• {what}: {done.action.title}"
    due = f", due {done.task.due_at:%Y-%m-%d %H:%M} UTC" if done.task.due_at else ""
    return f"• {what} task {done.task.number}: {done.task.title} (priority {done.task.priority.value}{due})"


def _cut(words: str, longest: int = _LONGEST_ASKED) -> str:
    return words if len(words) <= longest else f"{words[:longest].rstrip()}…"
