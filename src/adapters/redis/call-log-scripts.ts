import { luaClock, luaPosition } from './script.ts';

/**
 * Adds entries that were numbered from the summary the writer knew. Keys: log, logged, logs, position. Values: call's key, epoch, entries
 * known, mark of this writing, summary after it, ms to keep, channel, by, entries. A writing that was done already is not done twice.
 */
export const append = `
${luaClock}
${luaPosition}
local held = redis.call('HMGET', KEYS[2], 'epoch', 'seq', 'summary', 'mark')
if held[1] and tonumber(ARGV[2]) < tonumber(held[1]) then return { 'fenced' } end
if held[4] == ARGV[4] then return { 'appended' } end
if (held[2] or '0') ~= ARGV[3] then return { 'behind', held[3] } end
for at = 9, #ARGV do redis.call('RPUSH', KEYS[1], ARGV[at]) end
if not held[1] then
  local position = nextPosition(KEYS[4])
  redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', position - tonumber(ARGV[6]) * 1000)
  redis.call('ZADD', KEYS[3], position, ARGV[1])
  redis.call('HSET', KEYS[2], 'position', position)
end
redis.call('HSET', KEYS[2], 'epoch', ARGV[2], 'seq', redis.call('LLEN', KEYS[1]), 'summary', ARGV[5], 'mark', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[6])
redis.call('PEXPIRE', KEYS[2], ARGV[6])
redis.call('PUBLISH', ARGV[7], ARGV[8])
return { 'appended' }`;
