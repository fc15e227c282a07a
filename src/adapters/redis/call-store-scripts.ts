import { mailboxLimit, rememberMs, settledAfterMs } from '../../runtime/call-store.ts';
import { luaClock, luaPosition } from './script.ts';

/** Ids of one call that are remembered: of more, the newest. */
const mostSeen = 5_000;

/** Takes an event in; of use to other scripts, too. All keys of the call are told by the caller. */
export const luaIngest = `
${luaClock}
${luaPosition}
local function ingest(call, mail, seen, ended, open, room, position, callKey, id, event, roomName, channel, by)
  if redis.call('EXISTS', ended) == 1 then return 'ended' end
  if redis.call('ZSCORE', seen, id) then return 'duplicate' end
  if redis.call('ZCARD', mail) >= ${mailboxLimit} then return 'full' end
  local at = nextPosition(position)
  redis.call('ZADD', seen, at, id)
  redis.call('ZREMRANGEBYSCORE', seen, '-inf', at - ${rememberMs} * 1000)
  redis.call('ZREMRANGEBYRANK', seen, 0, -${mostSeen + 1})
  redis.call('PEXPIRE', seen, ${rememberMs})
  redis.call('ZADD', mail, at, at .. ' ' .. event)
  if roomName ~= '' and redis.call('HSETNX', call, 'room', roomName) == 1 then
    redis.call('HSET', call, 'room_key', room, 'epoch', 0, 'crashes', 0)
    redis.call('ZADD', open, at, callKey)
    redis.call('ZADD', room, at, callKey)
  end
  if redis.call('EXISTS', call) == 1 then redis.call('PERSIST', mail) else redis.call('PEXPIRE', mail, ${rememberMs}) end
  redis.call('PUBLISH', channel, by)
  return 'stored'
end
`;

/** Keys: call, mail, seen, ended, open, room, position. Values: call's key, id, event, room it opens or '', channel, by. */
export const ingest = `
${luaIngest}
return ingest(KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6])`;

/** What the owner before it came to is counted once, however often the answer does not arrive. Keys: call. */
export const claim = `
if redis.call('EXISTS', KEYS[1]) == 0 then return false end
local held = redis.call('HMGET', KEYS[1], 'since', 'until', 'crashes', 'claimed')
local crashes = 0
if held[4] then
  crashes = tonumber(held[3])
elseif held[1] and tonumber(held[2]) - tonumber(held[1]) < ${settledAfterMs} then
  crashes = tonumber(held[3]) + 1
end
redis.call('HSET', KEYS[1], 'crashes', crashes, 'claimed', 1)
return { redis.call('HINCRBY', KEYS[1], 'epoch', 1), crashes }`;

/** Its owner knows of its claim, and begins. Keys: call. Values: epoch. */
export const begin = `
${luaClock}
if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then return 'fenced' end
redis.call('HDEL', KEYS[1], 'claimed')
redis.call('HSET', KEYS[1], 'since', nowMs, 'until', nowMs)
return 'begun'`;

/** Keys: call. Values: epoch. */
export const release = `
if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then return 'fenced' end
redis.call('HDEL', KEYS[1], 'since', 'until')
return 'released'`;

/** Keys: call, record, mail. Values: epoch, seq, seq it changes or '', mail taken in, how many pieces to drop, these, pieces by name. */
export const commit = `
${luaClock}
local held = redis.call('HMGET', KEYS[1], 'epoch', 'record_epoch', 'record_seq', 'since')
if held[1] ~= ARGV[1] then return 'fenced' end
local own = held[2] == ARGV[1]
if own and tonumber(held[3]) > tonumber(ARGV[2]) then return 'fenced' end
if ARGV[3] ~= '' and not (own and held[3] == ARGV[3]) then return 'behind' end
if ARGV[3] == '' then redis.call('DEL', KEYS[2]) end
local drops = tonumber(ARGV[5])
for at = 6, 5 + drops do redis.call('HDEL', KEYS[2], ARGV[at]) end
for at = 6 + drops, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[at], ARGV[at + 1]) end
redis.call('HSET', KEYS[1], 'record_epoch', ARGV[1], 'record_seq', ARGV[2])
if held[4] then redis.call('HSET', KEYS[1], 'until', nowMs) end
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', ARGV[4])
return 'committed'`;

/** Keys: call, record, mail, ended, open. Values: epoch, call's key. */
export const end = `
local held = redis.call('HMGET', KEYS[1], 'epoch', 'room_key')
if held[1] and held[1] ~= ARGV[1] then return 'fenced' end
redis.call('DEL', KEYS[1], KEYS[2], KEYS[3])
redis.call('ZREM', KEYS[5], ARGV[2])
if held[2] then redis.call('ZREM', held[2], ARGV[2]) end
redis.call('SET', KEYS[4], '1', 'PX', ${rememberMs})
return 'ended'`;
