"""What was done to get an answer out of somebody: the receipts of each gate's escalation."""

from datetime import datetime

import msgspec
from redis.asyncio import Redis

from gateway.session.redis_client import patiently

_KEPT_S = 30 * 86_400
_MOST = 50


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """One step of an escalation, or its end."""

    step: str
    """`silent`, `ring`, `call`, `next_person`; `answered`, `closed` end it."""
    person_id: str | None
    notice_id: str | None
    """The message it sent; `/deliveries/{notice_id}` says whether it arrived."""
    outcome: str
    at: datetime


async def add_receipt(redis: Redis, gate_id: str, receipt: Receipt) -> None:
    """Write one down; the same step of the same person is there once."""
    key = f"cos:receipts:{gate_id}"
    field = f"{receipt.step}:{receipt.person_id or ''}"
    await patiently(lambda: redis.hsetnx(key, field, msgspec.json.encode(receipt)))
    await patiently(lambda: redis.expire(key, _KEPT_S))


async def receipts_of(redis: Redis, gate_id: str) -> list[Receipt]:
    """All of a gate, oldest first; none when nobody had to be told."""
    kept = await patiently(lambda: redis.hvals(f"cos:receipts:{gate_id}"))
    receipts = [msgspec.json.decode(one, type=Receipt) for one in kept]
    return sorted(receipts, key=lambda receipt: receipt.at)[-_MOST:]
