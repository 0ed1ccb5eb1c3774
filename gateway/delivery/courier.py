"""Carrying replies and notices to the channels, each once, in order for each recipient.

    pending ─► attempting ─► delivered
       ▲           │ └─────► failed
       └───────────┘ the platform asked to wait

A crash while attempting leaves `attempting` behind: whether the part in hand arrived is not known, so it is
sent again, marked as a possible repeat. Losing it would be worse.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

import msgspec
import structlog
from redis.asyncio import Redis

from gateway.errors import LeaseLost
from gateway.outbound import Channel, Outgoing, RetryLater, Undeliverable
from gateway.session import scripts
from gateway.session.mailbox import Holding, Letter, Scripts, hold_next
from gateway.session.redis_client import patiently
from gateway.session.renewing import renewed
from gateway.session.turns import Notice, Reply

log = structlog.get_logger(__name__)

_LEASE_S = 30.0
_WAIT_S = 5.0
_FIRST_RETRY_S = 1.0
_LONGEST_RETRY_S = 300.0
_GIVE_UP_AFTER_S = 24 * 3600.0
_AFTER_A_FAULT_S = 1.0
_GOODBYE_S = 1.0

_message = msgspec.json.Decoder(Reply | Notice)


@dataclass(frozen=True, slots=True)
class _Verdict:
    """How one try ended."""

    again_in_s: float | None = None
    """None: it is settled."""


class Courier:
    """Delivers for one channel; any number of them may work on the same Redis."""

    def __init__(
        self,
        redis: Redis,
        channel: Channel,
        *,
        name: str,
        slots: int = 16,
        lease_s: float = _LEASE_S,
        give_up_after_s: float = _GIVE_UP_AFTER_S,
    ) -> None:
        """Nothing runs before `run`.

        Args:
            redis: Where the session stream keeps what is to be delivered.
            channel: What carries it.
            name: This gateway's name, for people who look into the store.
            slots: To how many recipients at a time.
            lease_s: How long after this gateway's death another goes on.
            give_up_after_s: A message that could not be delivered for so long is failed.
        """
        self._redis = redis
        self._run = Scripts(redis)
        self._channel = channel
        self._name = name
        self._slots = slots
        self._lease_s = lease_s
        self._give_up_after_s = give_up_after_s

    async def announce(self) -> None:
        """From now on what is said to this channel is kept for us; before the channel's first turn."""
        await patiently(lambda: self._redis.sadd(scripts.CARRIED, self._channel.name))

    async def run(self) -> None:
        """Deliver until cancelled."""
        await self.announce()
        async with asyncio.TaskGroup() as group:
            for _ in range(self._slots):
                group.create_task(self._serve())

    async def _serve(self) -> None:
        queue = f"to:{self._channel.name}"
        while True:
            try:
                holding = await hold_next(
                    self._run, queue, holder=self._name, lease_s=self._lease_s, wait_s=_WAIT_S
                )
                if holding is not None:
                    await self._serve_recipient(holding)
            except Exception:
                log.exception("delivery.failed", channel=self._channel.name)
                await asyncio.sleep(_AFTER_A_FAULT_S)

    async def _serve_recipient(self, holding: Holding) -> None:
        """Deliver what waits for one recipient, until it is all out or has to wait."""
        again_in_s = 0.0
        try:
            # What is with the platform is with the person, whoever holds the lease by then.
            third_s = self._lease_s / 3
            async with renewed(holding.renew, every_s=third_s, within_s=third_s * 1.5):
                while (letter := await holding.take()) is not None:
                    verdict = await self._deliver(holding, letter)
                    if verdict.again_in_s is not None:
                        again_in_s = verdict.again_in_s
                        break
        except* LeaseLost:
            log.warning("lease.lost", channel=self._channel.name)
        finally:
            with suppress(TimeoutError):
                async with asyncio.timeout(_GOODBYE_S):
                    await holding.release(delay_s=again_in_s)

    async def _deliver(self, holding: Holding, letter: Letter) -> _Verdict:
        """One try of one message."""
        said = _message.decode(letter.body)
        key = f"{said.id}@{holding.box}"
        state, parts = await holding.read(scripts.BEGIN, key)
        repeat = state == b"attempting"
        outgoing = _outgoing(said, first=letter.tries == 1, parts_sent=parts, possible_repeat=repeat)
        bound = log.bind(channel=self._channel.name, cause=said.id, session_id=said.session_id)

        async def sent() -> None:
            nonlocal parts
            parts += 1
            await holding.write(scripts.SENT, key, parts)

        try:
            await self._channel.deliver(holding.box.removeprefix(f"to:{self._channel.name}:"), outgoing, sent)
        except LeaseLost:
            raise
        except Undeliverable as refusal:
            await holding.write(scripts.SETTLE, key, letter.entry, "failed", str(refusal)[:500])
            bound.warning("delivery.refused", reason=str(refusal))
            return _Verdict()
        except RetryLater as refusal:
            bound.info("delivery.postponed", reason=refusal.reason, after_s=refusal.after_s)
            if not refusal.perhaps_sent:  # else the state stays `attempting`, and the next try is marked
                await holding.write(scripts.POSTPONE, key, refusal.reason[:500])
            return await self._again(holding, letter, key, refusal.after_s)
        except Exception:
            # What became of the part in hand is not known, so the state stays `attempting`.
            bound.exception("delivery.interrupted")
            return await self._again(holding, letter, key, None)
        await holding.write(scripts.SETTLE, key, letter.entry, "delivered", "")
        bound.info("delivery.delivered", parts=parts)
        return _Verdict()

    async def _again(self, holding: Holding, letter: Letter, key: str, after_s: float | None) -> _Verdict:
        """When to try next; a message that could not be delivered for too long is given up."""
        if letter.age_s > self._give_up_after_s:
            reason = f"tried for {self._give_up_after_s / 3600:g} hours"
            await holding.write(scripts.SETTLE, key, letter.entry, "failed", reason)
            log.error("delivery.given_up", channel=self._channel.name, delivery=key)
            return _Verdict()
        if after_s is not None:
            return _Verdict(again_in_s=max(after_s, 0.0))
        return _Verdict(again_in_s=min(_FIRST_RETRY_S * 2 ** min(letter.tries - 1, 20), _LONGEST_RETRY_S))


def _outgoing(said: Reply | Notice, *, first: bool, parts_sent: int, possible_repeat: bool) -> Outgoing:
    notice = said if isinstance(said, Notice) else None
    return Outgoing(
        id=said.id,
        session_id=said.session_id,
        kind=notice.kind if notice else "reply",
        text=f"{said.text}\n{notice.url}" if notice and notice.url else said.text,
        attachments=notice.attachments if notice else (),
        turn_id=None if isinstance(said, Notice) else said.turn_id,
        actions=said.actions,
        task_id=notice.task_id if notice else None,
        gate_id=notice.gate_id if notice else None,
        silent=notice is not None and not notice.ring,
        ready_at=said.at if first and notice is None else None,
        parts_sent=parts_sent,
        possible_repeat=possible_repeat,
    )
