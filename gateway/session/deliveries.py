"""What became of a reply or a notice, for each recipient that it was sent to."""

from typing import cast

import msgspec
from redis.asyncio import Redis

from gateway.session.redis_client import patiently


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One message on its way to one recipient."""

    channel: str
    address: str
    state: str
    """`pending`, `attempting`, `delivered`, `failed`."""
    parts_sent: int
    reason: str
    """Why it failed, or why it waits; empty when there is nothing to say."""


async def deliveries_of(redis: Redis, cause: str) -> list[Delivery]:
    """The deliveries of a reply or a notice, by its id; none once they are settled and forgotten."""
    boxes = cast("set[bytes]", await patiently(lambda: redis.smembers(f"cos:deliveries:{cause}")))
    found = [await _delivery(redis, cause, box.decode()) for box in sorted(boxes)]
    return [one for one in found if one is not None]


async def _delivery(redis: Redis, cause: str, box: str) -> Delivery | None:
    answer = await patiently(lambda: redis.hgetall(f"cos:delivery:{cause}@{box}"))
    fields = cast("dict[bytes, bytes]", answer)
    if b"state" not in fields:
        return None
    _, channel, address = box.split(":", 2)
    return Delivery(
        channel=channel,
        address=address,
        state=fields[b"state"].decode(),
        parts_sent=int(fields.get(b"parts", 0)),
        reason=fields.get(b"reason", b"").decode(),
    )
