"""Calls that somebody wished for: their telephone rings when a task ends, and when it asks something.

    a wish ─► the event ─► (quiet hours over) ─► a call ─┬─► taken: over
                                                         └─► else it is written, with a sound

What was wished for comes once, whatever restarts in between: each event sets one timer for each person.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Final

import msgspec
import structlog

from agentops import AgentOpsClient
from agentops.wire import Attention, Event, PersonId
from gateway.notify.audience import Audience, Recipient, proven_number
from gateway.notify.gates import is_open
from gateway.notify.teller import Teller
from gateway.notify.timers import Due, Timers
from gateway.notify.times import quiet_until
from gateway.notify.wording import aloud, not_reached
from gateway.outbound import Caller
from gateway.session.call_wishes import CallWishes
from gateway.session.turns import Notice

CALL: Final = "call"
_TOLD_ANYWAY: Final = (Attention.RING, Attention.SILENT)
"""Rules by which the news itself is told at once."""
_NOT_IN_AN_ID: Final = re.compile(r"[^A-Za-z0-9._:@-]")

log = structlog.get_logger(__name__)


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """One call that is due."""

    person_id: str
    kind: str
    """The event's type."""
    text: str
    task_id: str
    gate_id: str | None
    """What has to be open still, when it asks something."""
    id: str
    """Of the notice that is written when nobody takes the call."""


class CallsWanted:
    """Carries out the wishes."""

    def __init__(
        self,
        wishes: CallWishes,
        timers: Timers,
        ops: AgentOpsClient,
        *,
        teller: Teller,
        audience: Audience,
        caller: Caller | None,
        clock: Callable[[], datetime],
    ) -> None:
        self._wishes = wishes
        self._timers = timers
        self._ops = ops
        self._teller = teller
        self._audience = audience
        self._caller = caller
        self._clock = clock

    async def begin(self, event: Event) -> None:
        """Have everybody called who wanted to hear of this event; harmless to repeat."""
        ends = _ends(event)
        if event.task_id is None or not (ends or event.type == "gate.opened"):
            return
        for wish in await self._wishes.of(event.task_id):
            wanted = _wanted(event, event.task_id, wish.person_id)
            timer = f"{CALL}|{wanted.id}"
            if await self._timers.set(timer, self._clock(), msgspec.json.encode(wanted), once=True):
                log.info("call.due", task_id=event.task_id, person_id=wish.person_id, kind=event.type)
        if ends:
            await self._wishes.drop(event.task_id)

    async def ring(self, due: Due) -> None:
        """Make a call that is due, unless it has become void.

        Raises:
            AgentOpsError: The ledger does not answer just now.
        """
        wanted = msgspec.json.decode(due.body, type=Wanted)
        recipient = await self._audience.person(PersonId(wanted.person_id))
        answered = wanted.gate_id is not None and not await is_open(self._ops, wanted.gate_id)
        if recipient is None or answered:
            await self._timers.done(due)
            return
        likes = recipient.preferences
        quiet = quiet_until(likes.quiet_from, likes.quiet_to, recipient.zone, self._clock())
        if quiet is not None:
            await self._timers.done(due, again=quiet, body=due.body)
            return
        if await self._wishes.is_talking(wanted.person_id):
            await self._tell_in_their_call(wanted, recipient)
        elif not await self._taken(wanted, recipient):
            await self._write(wanted, recipient, not_reached(wanted.text))
        await self._timers.done(due)

    async def _tell_in_their_call(self, wanted: Wanted, recipient: Recipient) -> None:
        """Whatever is told to somebody who is on the telephone is spoken there."""
        log.info("call.under_way", task_id=wanted.task_id, person_id=wanted.person_id)
        if recipient.preferences.attention_to(wanted.kind) not in _TOLD_ANYWAY:
            await self._write(wanted, recipient, wanted.text)

    async def _taken(self, wanted: Wanted, recipient: Recipient) -> bool:
        number = proven_number(recipient)
        if self._caller is None or number is None:
            return False
        taken = await self._caller.call(number, wanted.text)
        log.info("call.wanted", task_id=wanted.task_id, person_id=wanted.person_id, taken=taken)
        return taken

    async def _write(self, wanted: Wanted, recipient: Recipient, text: str) -> None:
        notice = Notice(
            id=wanted.id,
            session_id=recipient.session_id,
            kind=wanted.kind,
            text=text,
            task_id=wanted.task_id,
            gate_id=wanted.gate_id,
            ring=True,
            at=self._clock(),
        )
        await self._teller.tell(notice, recipient)


def _ends(event: Event) -> bool:
    """Whether the task has come to its end; one that is tried again has not."""
    failed = event.type == "task.failed" and event.payload.get("status") == "failed"
    return failed or event.type == "task.completed"


def _wanted(event: Event, task_id: str, person_id: str) -> Wanted:
    gate = str(event.payload.get("gate_id") or "") or None if event.type == "gate.opened" else None
    return Wanted(
        person_id=person_id,
        kind=event.type,
        text=aloud(event),
        task_id=task_id,
        gate_id=gate,
        id=f"notice-call-{_NOT_IN_AN_ID.sub('-', event.cursor)}-{person_id}",
    )
