import { rememberMs } from '../../runtime/call-store.ts';
import { luaIngest } from './call-store-scripts.ts';

/**
 * Keys: those of taking in an event, dials. Values: those of taking in an event, ms now (the day that is counted is that of the one who asks, too),
 * fingerprint, calls at once, ms a day, beginning of the day. Each dial is kept with the key of its call; one that an older
 * version has kept without it holds no place.
 */
export const order = `
${luaIngest}
local now, fingerprint, most, dailyMs, dayStartsAt = tonumber(ARGV[7]), ARGV[8], tonumber(ARGV[9]), tonumber(ARGV[10]), tonumber(ARGV[11])
local all = redis.call('HGETALL', KEYS[8])
local open, spentMs = 0, 0
for at = 1, #all, 2 do
  local callKey, dial = all[at], cjson.decode(all[at + 1])
  local isOpen = dial.call and redis.call('EXISTS', dial.call) == 1
  if not isOpen and (dial.settledAt or dial.askedAt) <= now - ${rememberMs} then
    redis.call('HDEL', KEYS[8], callKey)
  elseif callKey == ARGV[1] then
    return dial.fingerprint == fingerprint and 'known' or 'other'
  elseif dial.settledAt then
    if dial.settledAt >= dayStartsAt then spentMs = spentMs + dial.talkedMs end
  elseif isOpen then
    open = open + 1
    spentMs = spentMs + now - math.max(dial.askedAt, dayStartsAt)
  end
end
if open >= most then return 'busy' end
if spentMs >= dailyMs then return 'spent' end
local taken = ingest(KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6])
if taken ~= 'stored' then return 'known' end
redis.call('HSET', KEYS[8], ARGV[1], cjson.encode({ fingerprint = fingerprint, askedAt = now, call = KEYS[1] }))
return 'ordered'`;

/** Keys: dials. Values: call's key, ms now, ms of talk. */
export const settle = `
local text = redis.call('HGET', KEYS[1], ARGV[1])
if not text then return 0 end
local dial = cjson.decode(text)
if dial.settledAt then return 0 end
dial.settledAt, dial.talkedMs = tonumber(ARGV[2]), tonumber(ARGV[3])
redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(dial))
return 1`;
