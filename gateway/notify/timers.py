"""Durable timers on Redis: what is to happen later happens once, whatever restarts in between.

    cos:due              zset   timer → when it is due (ms); while somebody works on it, when their lease ends
    cos:timer:<timer>    hash   what it holds: item → body; `:name`, `:tries`, `:fence` of who works on it
    cos:pen:<name>       the timer that items of this name join until it is due
    cos:kept:<item>      mark: it was put here once

A timer that was taken and not `done` comes again when its lease ends, with the same content.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import uuid4

from redis.asyncio import Redis

from gateway.session.mailbox import Scripts
from gateway.session.scripts import TOLD_S

BODY: Final = "body"
"""The one item of a timer that is set as a whole."""
_SWEEP_S = 1.0

_NOW = """
local function now_ms()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end
"""

_JOIN: Final = (
    _NOW
    + f"""
-- name, due, item, body → whether it was put there now
local name, due, item, body = unpack(ARGV)
if redis.call('EXISTS', 'cos:told:' .. item, 'cos:kept:' .. item) > 0 then return 0 end
local timer = redis.call('GET', 'cos:pen:' .. name)
if not timer or not redis.call('ZSCORE', 'cos:due', timer) then
  timer = name .. '|' .. due
  redis.call('SET', 'cos:pen:' .. name, timer)
  redis.call('ZADD', 'cos:due', due, timer)
  redis.call('HSET', 'cos:timer:' .. timer, ':name', name)
end
redis.call('HSET', 'cos:timer:' .. timer, item, body)
redis.call('SET', 'cos:kept:' .. item, '1', 'EX', {TOLD_S})
return 1
"""
)

_SET: Final = (
    _NOW
    + f"""
-- timer, due, body, once → whether it was set. One that is due or under work is left alone.
local timer, due, body, once = unpack(ARGV)
local key = 'cos:timer:' .. timer
local before = redis.call('ZSCORE', 'cos:due', timer)
if before and (tonumber(before) <= now_ms() or redis.call('HEXISTS', key, ':fence') == 1) then return 0 end
if once == '1' and not redis.call('SET', 'cos:kept:' .. timer, '1', 'EX', {TOLD_S}, 'NX') then return 0 end
redis.call('ZADD', 'cos:due', due, timer)
redis.call('HSET', key, 'body', body)
return 1
"""
)

_CANCEL: Final = """
-- timer → whether there was one
redis.call('DEL', 'cos:timer:' .. ARGV[1])
return redis.call('ZREM', 'cos:due', ARGV[1])
"""

_TAKE: Final = (
    _NOW
    + """
-- fence, lease ms → {timer, content, tries}, or {'', ms until the next one, -1 for none}
local fence, lease_ms = unpack(ARGV)
local first = redis.call('ZRANGE', 'cos:due', 0, 0, 'WITHSCORES')
local now = now_ms()
if #first == 0 or tonumber(first[2]) > now then
  return {'', #first == 0 and -1 or tonumber(first[2]) - now, 0}
end
local timer = first[1]
local key = 'cos:timer:' .. timer
local name = redis.call('HGET', key, ':name')
if name and redis.call('GET', 'cos:pen:' .. name) == timer then redis.call('DEL', 'cos:pen:' .. name) end
redis.call('HSET', key, ':fence', fence)
redis.call('ZADD', 'cos:due', now + lease_ms, timer)
return {timer, redis.call('HGETALL', key), redis.call('HINCRBY', key, ':tries', 1)}
"""
)

_DONE: Final = """
-- timer, fence, due again or '', body → whether it was still ours
local timer, fence, due, body = unpack(ARGV)
local key = 'cos:timer:' .. timer
if redis.call('HGET', key, ':fence') ~= fence then return 0 end
if due == '' then
  redis.call('DEL', key)
  redis.call('ZREM', 'cos:due', timer)
else
  redis.call('HDEL', key, ':fence', ':tries')
  redis.call('HSET', key, 'body', body)
  redis.call('ZADD', 'cos:due', due, timer)
end
return 1
"""

_RANK: Final = (
    _NOW
    + """
-- name, item, window ms → how many others came in the window before this item did
local key, item, window = 'cos:burst:' .. ARGV[1], ARGV[2], tonumber(ARGV[3])
redis.call('ZREMRANGEBYSCORE', key, '-inf', now_ms() - window)
redis.call('ZADD', key, 'NX', now_ms(), item)
redis.call('PEXPIRE', key, window)
return redis.call('ZRANK', key, item)
"""
)


@dataclass(frozen=True, slots=True)
class Due:
    """A timer whose time has come, taken by us."""

    timer: str
    fence: str
    items: Mapping[str, bytes]
    tries: int
    """This one included."""

    @property
    def body(self) -> bytes:
        """Of a timer that was set as a whole."""
        return self.items[BODY]


class Timers:
    """All timers of the installation; any number of gateways may work on them."""

    def __init__(self, redis: Redis, *, lease_s: float = 30) -> None:
        self._run = Scripts(redis)
        self._lease_s = lease_s

    async def join(self, name: str, due: datetime, item: str, body: bytes) -> bool:
        """Put an item to those of this name that wait; the first one says until when.

        Returns:
            False when this item was put somewhere, or told, before.
        """
        return bool(await self._run.run(_JOIN, name, _ms(due), item, body))

    async def set(self, timer: str, due: datetime, body: bytes = b"", *, once: bool = False) -> bool:
        """Set a timer, or move it; with `once`, a timer that was ever set is not set again."""
        return bool(await self._run.run(_SET, timer, _ms(due), body, int(once)))

    async def cancel(self, timer: str) -> bool:
        """Forget a timer; whether there was one."""
        return bool(await self._run.run(_CANCEL, timer))

    async def next(self) -> Due:
        """Wait for a timer that is due, and take it."""
        while True:
            fence = uuid4().hex
            timer, found, tries = await self._run.run(_TAKE, fence, int(self._lease_s * 1000))
            if timer:
                fields = dict(zip(found[::2], found[1::2], strict=True))
                items = {key.decode(): body for key, body in fields.items() if not key.startswith(b":")}
                return Due(timer.decode(), fence, items, tries)
            await asyncio.sleep(min(_SWEEP_S, found / 1000) if found >= 0 else _SWEEP_S)

    async def done(self, due: Due, *, again: datetime | None = None, body: bytes = b"") -> None:
        """It has happened; perhaps it is to come again. Nothing when it was cancelled or taken over."""
        await self._run.run(_DONE, due.timer, due.fence, "" if again is None else _ms(again), body)

    async def rank(self, name: str, item: str, *, window_s: float) -> int:
        """How many other items of this name came in the last `window_s` before this one."""
        return int(await self._run.run(_RANK, name, item, int(window_s * 1000)))


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
