"""Memos: small things that a channel has to remember over restarts and share with its replicas.

Durable like the stream, and each forgotten by itself after its time. `RedisMemos` and `MemoryMemos` pass one
conformance suite.
"""

import asyncio
from collections.abc import Sequence
from typing import Final, Protocol, cast
from uuid import uuid4

from redis.asyncio import Redis

from gateway.session.mailbox import Scripts
from gateway.session.redis_client import patiently

_DROP_FROM: Final = """
-- key, name, text
local key, name, text = unpack(ARGV)
if redis.call('HGET', key, name) == text then redis.call('HDEL', key, name) end
return 1
"""


class Memos(Protocol):
    """Texts by key, and groups of them."""

    async def put(self, key: str, text: str, *, keep_s: int) -> None:
        """Remember a text, in place of an earlier one."""
        ...

    async def get(self, key: str) -> str | None:
        """What is remembered; None for nothing."""
        ...

    async def once(self, key: str, *, keep_s: int) -> bool:
        """Whether this is the first call for the key in `keep_s`."""
        ...

    async def drop(self, key: str) -> None:
        """Forget a text or a group."""
        ...

    async def gather(self, group: str, name: str, text: str, *, keep_s: int) -> None:
        """Remember a text under a name in a group; the group is kept from now on."""
        ...

    async def gathered(self, group: str) -> dict[str, str]:
        """A group's texts by name."""
        ...

    async def together(self, keys: Sequence[str], group: str) -> tuple[list[str | None], dict[str, str]]:
        """Several texts and a group, in the time of one `get`."""
        ...

    async def drop_from(self, group: str, name: str, text: str) -> None:
        """Forget one text of a group, unless it is another by now."""
        ...


class RedisMemos:
    """Memos on Redis. Every call waits while Redis is away."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._run = Scripts(redis)

    async def put(self, key: str, text: str, *, keep_s: int) -> None:
        await patiently(lambda: self._redis.set(_key(key), text, ex=keep_s))

    async def get(self, key: str) -> str | None:
        stored = cast("bytes | None", await patiently(lambda: self._redis.get(_key(key))))
        return None if stored is None else stored.decode()

    async def once(self, key: str, *, keep_s: int) -> bool:
        nonce = uuid4().hex.encode()
        before = await patiently(lambda: self._redis.set(_key(key), nonce, ex=keep_s, nx=True, get=True))
        return before in (None, nonce)  # our own nonce: this very call, whose answer was lost

    async def drop(self, key: str) -> None:
        await patiently(lambda: self._redis.delete(_key(key)))

    async def gather(self, group: str, name: str, text: str, *, keep_s: int) -> None:
        async def write() -> None:
            async with self._redis.pipeline(transaction=True) as together:
                together.hset(_key(group), name, text)
                together.expire(_key(group), keep_s)
                await together.execute()

        await patiently(write)

    async def gathered(self, group: str) -> dict[str, str]:
        stored = cast("dict[bytes, bytes]", await patiently(lambda: self._redis.hgetall(_key(group))))
        return _texts(stored)

    async def together(self, keys: Sequence[str], group: str) -> tuple[list[str | None], dict[str, str]]:
        async def read() -> tuple[list[bytes | None], dict[bytes, bytes]]:
            async with self._redis.pipeline(transaction=False) as both:
                both.mget([_key(key) for key in keys])
                both.hgetall(_key(group))
                texts, gathered = await both.execute()
            return texts, gathered

        texts, gathered = await patiently(read)
        return [None if text is None else text.decode() for text in texts], _texts(gathered)

    async def drop_from(self, group: str, name: str, text: str) -> None:
        await self._run.run(_DROP_FROM, _key(group), name, text)


class MemoryMemos:
    """Memos of this process, until it ends."""

    def __init__(self) -> None:
        self._texts: dict[str, tuple[str, float]] = {}
        self._groups: dict[str, dict[str, str]] = {}

    async def put(self, key: str, text: str, *, keep_s: int) -> None:
        self._texts[key] = (text, asyncio.get_running_loop().time() + keep_s)

    async def get(self, key: str) -> str | None:
        text, until = self._texts.get(key, ("", 0.0))
        return text if until > asyncio.get_running_loop().time() else None

    async def once(self, key: str, *, keep_s: int) -> bool:
        if await self.get(key) is not None:
            return False
        await self.put(key, "1", keep_s=keep_s)
        return True

    async def drop(self, key: str) -> None:
        self._texts.pop(key, None)
        self._groups.pop(key, None)

    async def gather(self, group: str, name: str, text: str, *, keep_s: int) -> None:
        self._groups.setdefault(group, {})[name] = text

    async def gathered(self, group: str) -> dict[str, str]:
        return dict(self._groups.get(group, {}))

    async def together(self, keys: Sequence[str], group: str) -> tuple[list[str | None], dict[str, str]]:
        return [await self.get(key) for key in keys], await self.gathered(group)

    async def drop_from(self, group: str, name: str, text: str) -> None:
        if self._groups.get(group, {}).get(name) == text:
            del self._groups[group][name]


def _texts(stored: dict[bytes, bytes]) -> dict[str, str]:
    return {name.decode(): text.decode() for name, text in stored.items()}


def _key(key: str) -> str:
    return f"cos:memo:{key}"
