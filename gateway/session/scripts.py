"""The Lua scripts of the session stream: each runs whole or not at all, on disk before it answers.

One mechanism serves brains and delivery alike, the *mailbox*: a stream of messages that one holder at a time
empties in order. Brains empty mailboxes of turns (`talk:<session>`, `control:<session>`), delivery those of
messages to a recipient (`to:<channel>:<address>`). A *queue* (`talk`, `control`, `to:<channel>`) is a group
of mailboxes that the same workers serve.

    cos:mail:<box>        stream   the messages that wait, oldest first
    cos:hold:<box>        hash     fence, holder: the lease; tries, take: of the message at the head;
                                   stop: the entry that shall stop
    cos:ready:<queue>     zset     box → when it may be taken (ms): since when it waits, or the lease's end
    cos:wake:<queue>      list     a token for each box that became ready; workers block on it
    cos:seen:<channel>:<external id>, cos:answered:<turn>, cos:told:<notice>     marks, each expires
    cos:delivery:<cause>@<recipient>     hash     state, parts, tries of one delivery; expires when settled
    cos:deliveries:<cause>         set   the recipients of one cause
    cos:out:<session>     stream   turns, replies and notices, the newest 1,000
    cos:said:<session>    pub/sub  chunks themselves; `+` when cos:out grew
    cos:stops             pub/sub  ids of turns that shall stop
    cos:answers           pub/sub  ids of turns that were answered
    cos:waiting           zset     turn → when it was appended (ms), until it is answered
    cos:count:turns, cos:count:deliveries    hash     what `metrics` reads
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
OUT_LENGTH: Final = 1_000
ASIDE_LENGTH: Final = 1_000
CARRIED: Final = "cos:carried"
"""The channels that messages are kept for; a browser's listener comes by itself."""
LATENCY_BOUNDS_MS: Final = (50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 120_000)
"""Of the buckets in which turns are counted by how long their answer took."""

_SHARED = f"""
local function now_ms()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end
local function ring(queue)
  redis.call('LPUSH', 'cos:wake:' .. queue, '1')
  redis.call('LTRIM', 'cos:wake:' .. queue, 0, 99)
end
local function put(queue, box, body, stops)
  redis.call('XADD', 'cos:mail:' .. box, '*', 'body', body, 'stops', stops or '')
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
-- The message at the head, counted as a try: {{entry, body, tries, what it stops, shall it stop}}, or {{}}.
local function take_head(box, take)
  local head = redis.call('XRANGE', 'cos:mail:' .. box, '-', '+', 'COUNT', 1)[1]
  if not head then return {{}} end
  local hold = 'cos:hold:' .. box
  if redis.call('HGET', hold, 'take') ~= take then  -- the same take twice is one try
    redis.call('HSET', hold, 'take', take)
    redis.call('HINCRBY', hold, 'tries', 1)
  end
  local entry, fields = head[1], head[2]
  local stop = redis.call('HGET', hold, 'stop') == entry and 1 or 0
  return {{entry, fields[2], tonumber(redis.call('HGET', hold, 'tries')), fields[4] or '', stop}}
end
-- For delivery to fetch, once for each cause and recipient, and only where a carrier has announced itself.
local function hand_over(channel, address, cause, body)
  if not channel or not address or address == '' then return end
  if redis.call('SISMEMBER', '{CARRIED}', channel) == 0 then return end
  local queue = 'to:' .. channel
  local box = queue .. ':' .. address
  if redis.call('HSETNX', 'cos:delivery:' .. cause .. '@' .. box, 'state', 'pending') == 1 then
    put(queue, box, body)
    redis.call('SADD', 'cos:deliveries:' .. cause, box)
    redis.call('EXPIRE', 'cos:deliveries:' .. cause, {OUT_S})
    -- should nobody ever fetch it; delivery itself gives up much earlier
    redis.call('EXPIRE', 'cos:delivery:' .. cause .. '@' .. box, {OUT_S})
    redis.call('EXPIRE', 'cos:mail:' .. box, {OUT_S})
  end
end
"""

APPEND: Final = (
    _SHARED
    + f"""
-- session, channel, address, external id, turn id, queue, box, body, nonce, news, what it stops ('' nothing,
-- 'begun' a turn that runs, 'any' the turn at the head), most in the box, most in all
-- → {{turn id, 0 new | 1 duplicate}}, or {{waiting, 2 the box is full | 3 all is full}}
local session, channel, address, external, turn, queue, box, body, nonce, news, reach, in_box, in_all =
  unpack(ARGV)
local mark = 'cos:seen:' .. channel .. ':' .. external
local seen = redis.call('GET', mark)
if seen then
  local by, known = string.match(seen, '^(%S+) (.*)$')
  return {{known, by == nonce and 0 or 1}}  -- our own nonce: this very call, whose answer was lost
end
if reach ~= 'any' then
  local here, everywhere = redis.call('XLEN', 'cos:mail:' .. box), redis.call('ZCARD', 'cos:waiting')
  if here >= tonumber(in_box) or everywhere >= tonumber(in_all) then
    redis.call('HINCRBY', 'cos:count:turns', 'refused', 1)
    if here >= tonumber(in_box) then return {{tostring(here), 2}} end
    return {{tostring(everywhere), 3}}
  end
end
-- The turn at the head of the talk, marked to be stopped; its id, or '' when there is none to stop.
local function stopped()
  local talk = 'talk:' .. session
  local head = redis.call('XRANGE', 'cos:mail:' .. talk, '-', '+', 'COUNT', 1)[1]
  if reach == '' or not head then return '' end
  local hold = 'cos:hold:' .. talk
  if redis.call('HGET', hold, 'stop') == head[1] then return '' end
  if reach == 'begun' and tonumber(redis.call('HGET', hold, 'tries') or '0') == 0 then return '' end
  redis.call('HSET', hold, 'stop', head[1])
  local id = cjson.decode(head[2][2]).id
  redis.call('PUBLISH', 'cos:stops', id)
  return id
end
redis.call('SET', mark, nonce .. ' ' .. turn, 'EX', {SEEN_S})
local known = 'cos:addresses:' .. session
redis.call('HSET', known, 'to:' .. channel, address)
-- A call is over when it is hung up: what is said later goes to where the person was heard before it.
if channel ~= 'phone' and channel ~= 'call' then redis.call('HSET', known, 'last', channel) end
redis.call('ZADD', 'cos:waiting', now_ms(), turn)
put(queue, box, body, stopped())
say(session, news)
return {{turn, 0}}
"""
)

ACQUIRE: Final = (
    _SHARED
    + """
-- queue, fence, holder, lease ms, take → {box, 0, the message at its head}, or
-- {'', ms until the next box may be taken, -1 for none}. The head comes along because whoever waits for it
-- waits for one fsync less.
local queue, fence, holder, lease_ms, take = unpack(ARGV)
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
    return {box, 0, take_head(box, take)}
  end
  redis.call('ZREM', ready, box)  -- its holder answered everything and died before it let go
  redis.call('DEL', 'cos:hold:' .. box, 'cos:mail:' .. box)
end
"""
)

TAKE: Final = (
    _SHARED
    + """
-- box, fence, take → {entry, body, tries, what it stops, shall it stop}, {} when empty, or false when the
-- lease is lost
local box, fence, take = unpack(ARGV)
if not holds(box, fence) then return false end
return take_head(box, take)
"""
)

STOP_WANTED: Final = (
    _SHARED
    + """
-- box, fence, entry → shall it stop, or false when the lease is lost
local box, fence, entry = unpack(ARGV)
if not holds(box, fence) then return false end
return redis.call('HGET', 'cos:hold:' .. box, 'stop') == entry and 1 or 0
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

HOLDERS: Final = (
    _SHARED
    + """
-- queue → who holds a mailbox of it, each once
local ready = 'cos:ready:' .. ARGV[1]
local found, known = {}, {}
for _, box in ipairs(redis.call('ZRANGEBYSCORE', ready, now_ms(), '+inf')) do
  local holder = redis.call('HGET', 'cos:hold:' .. box, 'holder')
  if holder and not known[holder] then
    known[holder] = true
    found[#found + 1] = holder
  end
end
return found
"""
)

FREE: Final = (
    _SHARED
    + """
-- queue, holder → how many mailboxes it held that may be taken now; its fences are void
local queue, holder = unpack(ARGV)
local ready = 'cos:ready:' .. queue
local freed = 0
for _, box in ipairs(redis.call('ZRANGEBYSCORE', ready, now_ms(), '+inf')) do
  local hold = 'cos:hold:' .. box
  if redis.call('HGET', hold, 'holder') == holder then
    redis.call('HDEL', hold, 'fence', 'holder')
    redis.call('ZADD', ready, now_ms(), box)
    ring(queue)
    freed = freed + 1
  end
end
return freed
"""
)

ANSWER: Final = (
    _SHARED
    + f"""
-- box, fence, entry, turn id, session, channel, address, reply id, body, why aside, turn, may it have been
-- stopped → 1 written, 0 the lease is lost, 2 it was stopped
local box, fence, entry, turn, session, channel, address, cause, body, reason, kept, anyway = unpack(ARGV)
local mark = 'cos:answered:' .. turn
local by = redis.call('GET', mark)
if by then return by == fence and 1 or 0 end  -- our own fence: this very call, whose answer was lost
if not holds(box, fence) then return 0 end
if anyway == '0' and redis.call('HGET', 'cos:hold:' .. box, 'stop') == entry then return 2 end
if redis.call('XDEL', 'cos:mail:' .. box, entry) == 0 then return 0 end
redis.call('HDEL', 'cos:hold:' .. box, 'tries', 'take', 'stop')
redis.call('SET', mark, fence, 'EX', {SEEN_S})
local took_ms = now_ms() - tonumber(string.match(entry, '^%d+'))
local bucket = 'inf'
for _, bound in ipairs({{{", ".join(map(str, LATENCY_BOUNDS_MS))}}}) do
  if took_ms <= bound then bucket = bound break end
end
redis.call('ZREM', 'cos:waiting', turn)
redis.call('HINCRBY', 'cos:count:turns', 'le:' .. bucket, 1)
redis.call('HINCRBY', 'cos:count:turns', 'sum_ms', took_ms)
if reason ~= '' then
  redis.call('HINCRBY', 'cos:count:turns', 'aside', 1)
  redis.call('XADD', 'cos:aside', 'MAXLEN', '~', {ASIDE_LENGTH}, '*', 'reason', reason, 'turn', kept)
end
say(session, body)
redis.call('PUBLISH', 'cos:answers', turn)
hand_over(channel, address, cause, body)
return 1
"""
)

NOTIFY: Final = (
    _SHARED
    + f"""
-- session, notice id, body, nonce, channel or '', address or '' → whether it is new
local session, id, body, nonce, channel, address = unpack(ARGV)
local mark = 'cos:told:' .. id
local by = redis.call('GET', mark)
if by then return by == nonce and 1 or 0 end  -- our own nonce: this very call, whose answer was lost
redis.call('SET', mark, nonce, 'EX', {TOLD_S})
say(session, body)
local known = 'cos:addresses:' .. session
if channel == '' then channel = redis.call('HGET', known, 'last') end
if channel and address == '' then address = redis.call('HGET', known, 'to:' .. channel) end
hand_over(channel, address, id, body)
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
-- box, fence, delivery, parts sent → whether it was written. A doubt was about the part that is out now.
local box, fence, delivery, parts = unpack(ARGV)
if not holds(box, fence) then return 0 end
redis.call('HSET', 'cos:delivery:' .. delivery, 'parts', parts, 'before', 'pending')
return 1
"""
)

POSTPONE: Final = (
    _SHARED
    + """
-- box, fence, delivery, reason → whether it was written. The part in hand is known not to have gone out in
-- this try; in doubt about an earlier one it stays.
local box, fence, delivery, reason = unpack(ARGV)
if not holds(box, fence) then return 0 end
local key = 'cos:delivery:' .. delivery
local before = redis.call('HGET', key, 'before')
if before then redis.call('HSET', key, 'state', before, 'reason', reason) end
redis.call('HDEL', key, 'fence', 'before')
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
redis.call('HINCRBY', 'cos:count:deliveries', state, 1)
redis.call('EXPIRE', 'cos:delivery:' .. delivery, {SEEN_S})
return 1
"""
)
