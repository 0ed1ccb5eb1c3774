"""How a specialist comes to be: proposed by a worker, approved by the person, given a key, written down."""

from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from agentops import AgentOpsError
from agentops.wire import NewKey, Scope
from agentops.worker import Job
from brain.seed.errors import RosterRefused
from brain.seed.specialists.roster import Roster
from brain.seed.specialists.spec import Spec, Specialist

APPROVE, DENY = "Approve", "Deny"
KEY_LASTS_S = 180 * 86_400
_AGREED = frozenset({"approve", "approved", "yes"})


@dataclass(frozen=True)
class Hiring:
    """What a worker may raise.

    Attributes:
        roster: Of this machine.
        most: So many specialists at most.
    """

    roster: Roster
    most: int

    def proposed(self, **fields: object) -> Spec:
        """A spec that can be put to the person.

        Raises:
            RosterRefused: A field is wrong, or there is no room; the message says what to change.
        """
        try:
            spec = msgspec.convert(fields, Spec)
        except msgspec.ValidationError as error:
            raise RosterRefused(f"The specification is wrong: {error}") from error
        known = self.roster.find(spec.name)
        if known is not None:
            raise RosterRefused(
                f"There is a specialist {spec.name} already ({known.spec.purpose}). "
                f"Hand work on to it with the capability {spec.name}."
            )
        if len(self.roster.all()) >= self.most:
            raise RosterRefused(f"There are {self.most} specialists already, as many as there may be.")
        return spec

    async def hire(self, job: Job, spec: Spec) -> Specialist:
        """Make the approved specialist: whoever keeps this machine's specialists starts it.

        Raises:
            RosterRefused: There is no room any more, or the ledger gives it no key.
        """
        wish = NewKey(
            name=spec.name, scope=Scope.AGENT, expires_in_s=KEY_LASTS_S, task_id=job.task.id, epoch=job.epoch
        )
        try:
            key = await job.ops.create_key(wish)
        except AgentOpsError as error:
            raise RosterRefused(f"The ledger gives no key for {spec.name}: {error.detail}") from error
        specialist = Specialist(
            spec=spec,
            key_id=key.id,
            secret=key.secret,
            hired_at=datetime.now(UTC),
            task_number=job.task.number,
        )
        self.roster.add(specialist, most=self.most)
        return specialist


def question(spec: Spec) -> str:
    """What the person approves, in full: nothing is given that does not stand here."""
    lines = [
        f"May I raise the specialist {spec.name}?",
        f"Purpose: {spec.purpose}",
        f"Model: {spec.model or 'that of the workers'}",
        f"Takes tasks that ask for: {', '.join(spec.capabilities)}",
        f"Budget: {spec.budget_tokens:,} tokens in all, {spec.task_steps} steps a task",
        f"Memory: {spec.memory_mb:,} MB",
        f"It does {spec.slots} at a time, with a key of its own and the tools and limits of other workers.",
        f"It is told: {spec.prompt}",
    ]
    return "\n".join(lines)


def is_approved(answer: str) -> bool:
    """Whether this answer to `question` says yes."""
    return answer.strip().lower().rstrip(".!") in _AGREED
