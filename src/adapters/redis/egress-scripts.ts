import { luaClock, luaPosition } from './script.ts';

/**
 * Keys: egress, egress of its call (or of none), all, open ones, position. Values: id, record, '1' when over, ms to keep, '1' when it is of a call,
 * beginning of the keys of egresses.
 */
export const put = `
${luaClock}
${luaPosition}
if ARGV[5] == '1' then
  local other = redis.call('GET', KEYS[2])
  if other and other ~= ARGV[1] and redis.call('EXISTS', ARGV[6] .. other) == 1 then return 'taken' end
end
local position = redis.call('HGET', KEYS[1], 'position')
if not position then
  position = nextPosition(KEYS[5])
  redis.call('ZADD', KEYS[3], position, ARGV[1])
elseif not redis.call('ZSCORE', KEYS[4], ARGV[1]) then
  return 'stored'
end
redis.call('HSET', KEYS[1], 'position', position, 'record', ARGV[2])
if ARGV[5] == '1' then redis.call('SET', KEYS[2], ARGV[1]) end
if ARGV[3] == '1' then
  redis.call('ZREM', KEYS[4], ARGV[1])
  redis.call('PEXPIRE', KEYS[1], ARGV[4])
  if ARGV[5] == '1' then redis.call('PEXPIRE', KEYS[2], ARGV[4]) end
else
  redis.call('ZADD', KEYS[4], position, ARGV[1])
end
return 'stored'`;
