"""Approvals by telephone: what waits is read to the caller, and their own words or a key decide it.

Past the chief, as a button is: no model, and no text that one has read, stands between person and ledger.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from agentops import AgentOpsClient
from agentops.errors import AgentOpsError, GateClosed, NotFound
from agentops.wire import Gate, GateAnswer, GateKind, GateStatus, Role, Task
from gateway.identity.rights import Right, may
from gateway.phone import wording
from gateway.phone.asides import put_on_record
from gateway.phone.numbers import spoken_number
from gateway.phone.parties import Party
from voice.port import Utterance, UtteranceKind

BUTTON_ONLY: Final = "chief-approval"
"""Marks the tasks of the chief's own: their risk is high, and what is heard may be wrong."""
_WISH: Final = re.compile(
    r"(?P<no>no\W+|nope\W+)?((yes|yeah|yep|okay|ok|sure)\W+)?(please\W+)?(i\W+)?(?P<not>(don't|do not)\W+)?"
    r"(?P<verb>approved?|deny|denied|reject(ed)?|refused?|declined?)"
    r"(\W+(it|that|this|task( number)?\W+(?P<number>[\w -]+?)))?(\W+please)?\W*"
)
_ENOUGH: Final = 18
"""Characters of what tells the keys; who knows them presses before its end."""
_KEYS: Final = {"1": True, "2": False}

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Wish:
    """A decision in the caller's words."""

    yes: bool
    number: int | None = None
    """Of the task that they named."""


class Approvals:
    """Of one call."""

    def __init__(self, ops: AgentOpsClient, party: Party, call_id: str) -> None:
        self._ops = ops
        self._party = party
        self._call_id = call_id
        self._heard = ""
        self._last = ""

    def heard(self, text: str) -> None:
        """What the caller has heard: nothing else can be decided."""
        self._last = _plain(text)
        self._heard += f" {self._last}"

    async def hint(self, text: str) -> str:
        """How to decide, behind a text that asks for an approval; empty for any other."""
        if not self._may:
            return ""
        try:
            gates = await self._open()
        except AgentOpsError:
            return ""
        return (
            f" {wording.HOW_TO_APPROVE}" if any(_plain(one.question) in _plain(text) for one in gates) else ""
        )

    async def take(self, utterance: Utterance) -> str | None:
        """Decide what the caller decides, or read it to them first; None for words about anything else."""
        wish = self._wish(utterance)
        if wish is None or not self._may:
            return None
        try:
            answer = await self._decided(wish, utterance)
        except AgentOpsError as error:
            log.warning("approval.not_taken", call_id=self._call_id, code=error.code)
            answer = wording.NOT_APPROVED
        if answer is not None:
            await put_on_record(self._ops, self._party, "approval", utterance, answer)
        return answer

    def _wish(self, utterance: Utterance) -> Wish | None:
        asked = _plain(wording.HOW_TO_APPROVE)[:_ENOUGH] in self._last
        if utterance.kind is UtteranceKind.KEYS:
            return Wish(_KEYS[utterance.text]) if asked and utterance.text in _KEYS else None
        return wish_of(utterance.text)

    async def _decided(self, wish: Wish, utterance: Utterance) -> str | None:
        gates = await self._open()
        if not gates:
            return None
        gate = await self._meant(wish, gates)
        if gate is None:
            return wording.which_approval(len(gates))
        task = await self._ops.get_task(gate.task_id)
        if BUTTON_ONLY in task.capabilities:
            return wording.needs_button(task)
        if _plain(gate.question) not in self._heard:
            return wording.asks_approval(task, gate)
        return await self._answer(gate, task, wish, utterance)

    async def _meant(self, wish: Wish, gates: Sequence[Gate]) -> Gate | None:
        """The one that they named, else the one that they heard of last, else the only one."""
        if wish.number is not None:
            try:
                task = await self._ops.find_task(wish.number)
            except NotFound:
                return None
            return next((one for one in gates if one.task_id == task.id), None)
        known = [one for one in gates if _plain(one.question) in self._heard]
        if known:
            return max(known, key=lambda one: self._heard.rindex(_plain(one.question)))
        return gates[0] if len(gates) == 1 else None

    async def _answer(self, gate: Gate, task: Task, wish: Wish, utterance: Utterance) -> str:
        given = GateAnswer(answer="yes" if wish.yes else "no", by=self._party.name or None)
        try:
            await self._ops.answer_gate(gate.id, given, idempotency_key=f"call-{utterance.id}")
        except GateClosed:
            return wording.DECIDED_ALREADY
        log.info("gate.answered", gate_id=gate.id, task_id=task.id, person_id=self._party.person_id)
        return wording.decided(task, yes=wish.yes)

    async def _open(self) -> list[Gate]:
        gates = await self._ops.list_gates(status=GateStatus.OPEN)
        return [one for one in gates if one.kind is GateKind.APPROVAL and not one.options]

    @property
    def _may(self) -> bool:
        return may(Role(self._party.role), Right.APPROVE)


def wish_of(text: str) -> Wish | None:
    """A decision in these words; None for any others. Pure."""
    found = _WISH.fullmatch(text.strip().lower())
    if found is None:
        return None
    number = spoken_number(found["number"]) if found["number"] else None
    if found["number"] and number is None:
        return None
    yes = found["verb"].startswith("approve") and not found["not"]
    return None if yes and found["no"] else Wish(yes, number)


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))
