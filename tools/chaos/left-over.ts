import { setTimeout as pause } from 'node:timers/promises';
import { RoomServiceClient } from 'livekit-server-sdk';
import { keys } from '../../src/adapters/redis/keys.ts';
import { followCall } from '../../src/cli/follow.ts';
import type { LogEntry } from '../../src/runtime/call-log.ts';
import type { Lived } from './caller.ts';
import type { CallFile, Leftovers } from './judge.ts';
import type { Stack } from './stack.ts';

/** Once nothing is done to it any more, everything must be well within so long. */
const healsWithinMs = 60_000;

/** Waits until nothing is left of the calls, as long as it may take. */
export async function leftOver(
  stack: Stack,
  lived: readonly Lived[],
): Promise<Pick<Leftovers, 'openCalls' | 'agentsInRooms' | 'keysInRedis'>> {
  for (const untilMs = Date.now() + healsWithinMs; ; await pause(250)) {
    const looks = [openCallsOf(stack), agentsOf(stack), keysOf(stack, lived)] as const;
    const [openCalls, agentsInRooms, keysInRedis] = await Promise.all(looks);
    const isClean = openCalls.length + agentsInRooms.length + keysInRedis.length === 0;
    if (isClean || Date.now() > untilMs) return { openCalls, agentsInRooms, keysInRedis };
  }
}

/** What a call has there as long as it is open. */
async function keysOf({ redis }: Stack, lived: readonly Lived[]): Promise<readonly string[]> {
  const all = lived.flatMap(({ callKey }) => [keys.call(callKey), keys.record(callKey), keys.mail(callKey)]);
  const primary = await redis.primary();
  const held = await primary.ask((client) => Promise.all(all.map((key) => client.exists(key))));
  return all.filter((_, index) => held[index] === 1);
}

async function openCallsOf({ fleet }: Stack): Promise<readonly string[]> {
  const [member] = fleet.living();
  if (!member) return ['no instance lives'];
  const answer = await fetch(`${member.api}/v1/calls?limit=200`, { headers: member.access.headers });
  if (!answer.ok) return [`the list of calls is answered with ${answer.status}`];
  const { calls } = (await answer.json()) as { calls: { callKey: string; endedAt?: number }[] };
  return calls.filter(({ endedAt }) => endedAt === undefined).map(({ callKey }) => callKey);
}

async function agentsOf({ livekit }: Stack): Promise<readonly string[]> {
  const rooms = new RoomServiceClient(livekit.httpUrl, livekit.apiKey, livekit.apiSecret);
  const names = (await rooms.listRooms()).map(({ name }) => name);
  const inRooms = await Promise.all(names.map((name) => rooms.listParticipants(name).catch(() => [])));
  return inRooms.flat().map(({ identity }) => identity);
}

const readWithinMs = 5_000;

/** The whole log of a call that is over; empty when nobody knows it. */
export async function logOf({ fleet }: Stack, { callKey }: Lived): Promise<CallFile['entries']> {
  const entries: LogEntry[] = [];
  const [member] = fleet.living();
  if (!member) return entries;
  try {
    for await (const entry of followCall(member, callKey, AbortSignal.timeout(readWithinMs))) entries.push(entry);
  } catch {
    // What was read until then is what there is.
  }
  return entries;
}
