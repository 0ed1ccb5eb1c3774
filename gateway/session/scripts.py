"""The Lua scripts of the session stream: each runs whole or not at all, on disk before it answers.

One mechanism serves brains and delivery alike, the *mailbox*: a stream of messages that one holder at a time
empties in order. Brains empty mailboxes of turns (`talk:<session>`, `control:<session>`), delivery those of
messages to a recipient (`to:<channel>:<address>`). A *queue* (`talk`, `control`, `to:<channel>`) is a group
of mailboxes that the same workers serve.

    cos:mail:<box>        stream   the messages that wait, oldest first
    cos:hold:<box>        hash     fence, holder: the lease; tries, take, parts: of the message at the head
    cos:ready:<queue>     zset     box → when it may be taken (ms): since when it waits, or the lease's end
    cos:wake:<queue>      list     a token for each box that became ready; workers block on it
    cos:seen:<channel>:<external id>, cos:answered:<turn>, cos:told:<notice>     marks, each expires
    cos:delivery:<cause>@<recipient>     hash     state, parts, tries of one delivery; expires when settled
    cos:out:<session>     stream   replies and notices, the newest 500
    cos:said:<session>    pub/sub  chunks themselves; `+` when cos:out grew
    cos:addresses:<session>, cos:carried, cos:aside

Invariants:
    A box that holds a message is in its ready set; an empty one leaves it when its holder lets go.
    Only who knows the fence of `cos:hold` may write: a new holder overwrites it, so a late one is refused.
    Every script may run twice with the same arguments (its answer was lost) and changes nothing the second
    time; only `acquire` does not, and there the orphaned lease runs out by itself.

Keys are built in the scripts, from names, because they depend on what a script finds. So one Redis (with
replicas) holds them all, not a cluster of shards.
"""

from typing import Final

SEEN_S: Final = 7 * 86_400
TOLD_S: Final = 30 * 86_400
OUT_S: Final = 30 * 86_400
OUT_LENGTH: Final = 500
ASIDE_LENGTH: Final = 1_000
CARRIED: Final = "cos:carried"
"""The channels that messages are kept for; a browser's listener comes by itself."""

_SHARED = f"""
local function now_ms()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end
local function ring(queue)
  redis.call('LPUSH', 'cos:wake:' .. queue, '1')
  redis.call('LTRIM', 'cos:wake:' .. queue, 0, 99)
end
local function put(queue, box, body)
  redis.call('XADD', 'cos:mail:' .. box, '*', 'body', body)
  if redis.call('ZADD', 'cos:ready:' .. queue, 'NX', now_ms(), box) == 1 then ring(queue) end
end
local function holds(box, fence)
  return redis.call('HGET', 'cos:hold:' .. box, 'fence') == fence
end
local function say(session, body)
  local out = 'cos:out:' .. session
  redis.call('XADD', out, 'MAXLEN', '~', {OUT_LENGTH}, '*', 'body', body)
  redis.call('EXPIRE', out, {OUT_S})
  redis.call('PUBLISH', 'cos:said:' .. session, '+')
end
-- For delivery to fetch, once for each cause and recipient, and only where a carrier has announced itself.
local function hand_over(channel, address, cause, body)
  if not channel or not address or address == '' then return end
  if redis.call('SISMEMBER', '{CARRIED}', channel) == 0 then return end
  local queue = 'to:' .. channel
  local box = queue .. ':' .. address
  if redis.call('HSETNX', 'cos:delivery:' .. cause .. '@' .. box, 'state', 'pending') == 1 then
    put(queue, box, body)
    -- should nobody ever fetch it; delivery itself gives up much earlier
    redis.call('EXPIRE', 'cos:delivery:' .. cause .. '@' .. box, {OUT_S})
    redis.call('EXPIRE', 'cos:mail:' .. box, {OUT_S})
  end
end
"""

APPEND: Final = (
    _SHARED
    + f"""
-- session, channel, address, external id, turn id, queue, box, body, nonce → {{turn id, duplicate}}
local session, channel, address, external, turn, queue, box, body, nonce = unpack(ARGV)
local mark = 'cos:seen:' .. channel .. ':' .. external
local seen = redis.call('GET', mark)
if seen then
  local by, known = string.match(seen, '^(%S+) (.*)$')
  return {{known, by == nonce and 0 or 1}}  -- our own nonce: this very call, whose answer was lost
end
redis.call('SET', mark, nonce .. ' ' .. turn, 'EX', {SEEN_S})
redis.call('HSET', 'cos:addresses:' .. session, 'last', channel, 'to:' .. channel, address)
put(queue, box, body)
return {{turn, 0}}
"""
)

ACQUIRE: Final = (
    _SHARED
    + """
-- queue, fence, holder, lease ms → {box, 0}, or {'', ms until the next box may be taken, -1 for none}
local queue, fence, holder, lease_ms = unpack(ARGV)
local ready = 'cos:ready:' .. queue
local now = now_ms()
while true do
  local first = redis.call('ZRANGE', ready, 0, 0, 'WITHSCORES')
  if #first == 0 or tonumber(first[2]) > now then
    redis.call('DEL', 'cos:wake:' .. queue)  -- nothing is due, so the tokens in it are stale
    return {'', #first == 0 and -1 or tonumber(first[2]) - now}
  end
  local box = first[1]
  if redis.call('XLEN', 'cos:mail:' .. box) > 0 then
    redis.call('HSET', 'cos:hold:' .. box, 'fence', fence, 'holder', holder)
    redis.call('ZADD', ready, now + lease_ms, box)
    return {box, 0}
  end
  redis.call('ZREM', ready, box)  -- its holder answered everything and died before it let go
  redis.call('DEL', 'cos:hold:' .. box, 'cos:mail:' .. box)
end
"""
)

TAKE: Final = (
    _SHARED
    + """
-- box, fence, take → {entry, body, tries}, {} when empty, or false when the lease is lost
local box, fence, take = unpack(ARGV)
if not holds(box, fence) then return false end
local head = redis.call('XRANGE', 'cos:mail:' .. box, '-', '+', 'COUNT', 1)
if #head == 0 then return {} end
local hold = 'cos:hold:' .. box
if redis.call('HGET', hold, 'take') ~= take then  -- the same take twice is one try
  redis.call('HSET', hold, 'take', take)
  redis.call('HINCRBY', hold, 'tries', 1)
end
return {head[1][1], head[1][2][2], tonumber(redis.call('HGET', hold, 'tries'))}
"""
)

RENEW: Final = (
    _SHARED
    + """
-- queue, box, fence, lease ms → whether it is still ours
local queue, box, fence, lease_ms = unpack(ARGV)
if not holds(box, fence) then return 0 end
redis.call('ZADD', 'cos:ready:' .. queue, 'XX', now_ms() + lease_ms, box)
return 1
"""
)

RELEASE: Final = (
    _SHARED
    + """
-- queue, box, fence, ms until it may be taken again, refund
local queue, box, fence, delay_ms, refund = unpack(ARGV)
if not holds(box, fence) then return 0 end
if redis.call('XLEN', 'cos:mail:' .. box) == 0 then
  redis.call('ZREM', 'cos:ready:' .. queue, box)
  redis.call('DEL', 'cos:hold:' .. box, 'cos:mail:' .. box)
  return 1
end
redis.call('HDEL', 'cos:hold:' .. box, 'fence', 'holder')
if refund == '1' then redis.call('HINCRBY', 'cos:hold:' .. box, 'tries', -1) end
redis.call('ZADD', 'cos:ready:' .. queue, now_ms() + delay_ms, box)
ring(queue)
return 1
"""
)

ANSWER: Final = (
    _SHARED
    + f"""
-- box, fence, entry, turn id, session, channel, address, reply id, body, why aside, turn → was it written
local box, fence, entry, turn, session, channel, address, cause, body, reason, kept = unpack(ARGV)
local mark = 'cos:answered:' .. turn
local by = redis.call('GET', mark)
if by then return by == fence and 1 or 0 end  -- our own fence: this very call, whose answer was lost
if not holds(box, fence) then return 0 end
if redis.call('XDEL', 'cos:mail:' .. box, entry) == 0 then return 0 end
redis.call('HDEL', 'cos:hold:' .. box, 'tries', 'take')
redis.call('SET', mark, fence, 'EX', {SEEN_S})
if reason ~= '' then
  redis.call('XADD', 'cos:aside', 'MAXLEN', '~', {ASIDE_LENGTH}, '*', 'reason', reason, 'turn', kept)
end
say(session, body)
hand_over(channel, address, cause, body)
return 1
"""
)

NOTIFY: Final = (
    _SHARED
    + f"""
-- session, notice id, body, nonce → whether it is new
local session, id, body, nonce = unpack(ARGV)
local mark = 'cos:told:' .. id
local by = redis.call('GET', mark)
if by then return by == nonce and 1 or 0 end  -- our own nonce: this very call, whose answer was lost
redis.call('SET', mark, nonce, 'EX', {TOLD_S})
say(session, body)
local last = redis.call('HGET', 'cos:addresses:' .. session, 'last')
if last then hand_over(last, redis.call('HGET', 'cos:addresses:' .. session, 'to:' .. last), id, body) end
return 1
"""
)

BEGIN: Final = (
    _SHARED
    + """
-- box, fence, delivery → {state before, parts sent}, or false when the lease is lost
local box, fence, delivery = unpack(ARGV)
if not holds(box, fence) then return false end
local key = 'cos:delivery:' .. delivery
local before = redis.call('HMGET', key, 'state', 'parts', 'fence')
-- our own fence: this very call, whose answer was lost
local state = before[3] == fence and redis.call('HGET', key, 'before') or before[1] or 'pending'
redis.call('HSET', key, 'state', 'attempting', 'before', state, 'fence', fence)
return {state, tonumber(before[2] or '0')}
"""
)

SENT: Final = (
    _SHARED
    + """
-- box, fence, delivery, parts sent → whether it was written
local box, fence, delivery, parts = unpack(ARGV)
if not holds(box, fence) then return 0 end
redis.call('HSET', 'cos:delivery:' .. delivery, 'parts', parts)
return 1
"""
)

POSTPONE: Final = (
    _SHARED
    + """
-- box, fence, delivery, reason → whether it was written. The part in hand is known not to have gone out.
local box, fence, delivery, reason = unpack(ARGV)
if not holds(box, fence) then return 0 end
redis.call('HSET', 'cos:delivery:' .. delivery, 'state', 'pending', 'reason', reason)
redis.call('HDEL', 'cos:delivery:' .. delivery, 'fence', 'before')
return 1
"""
)

SETTLE: Final = (
    _SHARED
    + f"""
-- box, fence, delivery, entry, state, reason → whether it was written
local box, fence, delivery, entry, state, reason = unpack(ARGV)
if not holds(box, fence) then return 0 end
redis.call('XDEL', 'cos:mail:' .. box, entry)
redis.call('HDEL', 'cos:hold:' .. box, 'tries', 'take')
redis.call('HSET', 'cos:delivery:' .. delivery, 'state', state, 'reason', reason)
redis.call('HDEL', 'cos:delivery:' .. delivery, 'fence', 'before')
redis.call('EXPIRE', 'cos:delivery:' .. delivery, {SEEN_S})
return 1
"""
)
