import { luaClock } from './script.ts';

/**
 * An owner says that its calls are still its own. One whose lock ran out while Redis was away, and which nobody began meanwhile, is its own again.
 * Keys: active, waiting. Values: beginning of the keys of jobs, ms of a lock, ids and tokens by turns. Gives the ids that are another's now.
 */
export const renew = `
local lost = {}
local function isFree(id)
  if redis.call('LPOS', KEYS[1], id) then return true end
  if redis.call('LREM', KEYS[2], 1, id) == 0 then return false end
  redis.call('LPUSH', KEYS[1], id)
  return true
end
for at = 3, #ARGV, 2 do
  local id, token = ARGV[at], ARGV[at + 1]
  local lock = ARGV[1] .. id .. ':lock'
  local held = redis.call('GET', lock)
  if held == token or (not held and isFree(id)) then
    redis.call('SET', lock, token, 'PX', ARGV[2])
  else
    lost[#lost + 1] = id
  end
end
return lost`;

/**
 * Calls that nobody has locked wait again, first of all. Not while owners may still be coming back to a Redis that was away: when one who
 * scans was cut off from it, or nobody has scanned for a while, all wait first: while others scan, for
 * twice that where it is one who is cut off again and again, and for ten times that where they are several. Keys: active, waiting, marker, a hash of how it stands. Values:
 * beginning of the keys of jobs, ms between scans, ms without a scan that are trouble, ms to wait then, '1' when cut off, channel, by.
 * Gives how many wait now, since when the first of them does, and how many were taken from their owners.
 */
export const scan = `
${luaClock}
local state = redis.call('HMGET', KEYS[4], 'at', 'calmAt', 'owed', 'calmFrom', 'calmBy')
local last, calmAt, owed = tonumber(state[1] or nowMs), tonumber(state[2] or '0'), state[3] == '1'

local function answer(moved)
  local first = redis.call('LINDEX', KEYS[2], -1)
  local since = first and redis.call('HGET', ARGV[1] .. first, 'timestamp')
  return { redis.call('LLEN', KEYS[2]), since or '', moved }
end
local function begin()
  redis.call('HSET', KEYS[4], 'at', nowMs)
  local isOutage = nowMs - last > tonumber(ARGV[3])
  if ARGV[5] == '1' or (isOutage and not owed) then
    local from, by = nowMs, ARGV[7]
    if owed and not isOutage then from, by = tonumber(state[4]) or nowMs, state[5] == ARGV[7] and by or 'several' end
    calmAt = math.min(nowMs + ARGV[4], from + (by == 'several' and 10 or 2) * ARGV[4])
    redis.call('HSET', KEYS[4], 'calmAt', calmAt, 'owed', 1, 'calmFrom', from, 'calmBy', by)
  end
  if nowMs < calmAt then return false end
  redis.call('HSET', KEYS[4], 'owed', 0)
  return true
end

if ARGV[5] ~= '1' and state[1] and nowMs - last < tonumber(ARGV[2]) / 2 then return answer(0) end
if not begin() then return answer(0) end
local moved = 0
for _, id in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do
  if redis.call('EXISTS', ARGV[1] .. id .. ':lock') == 0 then
    redis.call('LREM', KEYS[1], 1, id)
    redis.call('RPUSH', KEYS[2], id)
    redis.call('ZADD', KEYS[3], 0, '0')
    moved = moved + 1
  end
end
if moved > 0 then redis.call('PUBLISH', ARGV[6], ARGV[7]) end
return answer(moved)`;
