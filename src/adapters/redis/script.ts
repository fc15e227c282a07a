import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';

type Run = (...values: readonly (string | number)[]) => Promise<unknown>;

/** A script that is sent once to a server and then called by its number, also after the server forgot it. */
export function createScript(
  redis: Redis,
  lua: string,
): (keys: readonly string[], values: readonly (string | number)[]) => Promise<unknown> {
  const name = `script_${createHash('sha256').update(lua).digest('hex').slice(0, 16)}`;
  redis.defineCommand(name, { lua });
  const run = (redis as unknown as Record<string, Run>)[name]!.bind(redis);
  return (keys, values) => run(keys.length, ...keys, ...values);
}

/** Redis's own time, in ms and as microseconds: clocks of processes differ. */
export const luaClock = `
local time = redis.call('TIME')
local nowMs = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
`;

/** Positions grow also when a failover has lost the last one: they are microseconds since 1970. */
export const luaPosition = `
local function nextPosition(key)
  local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
  local last = tonumber(redis.call('GET', key) or '0')
  local position = string.format('%.0f', math.max(now, last + 1))
  redis.call('SET', key, position)
  return position
end
`;
