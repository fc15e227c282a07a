import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Phone } from '../emulators/phone/types.ts';
import { callKeyOf } from '../src/runtime/call-key.ts';
import type { LogEntry } from '../src/runtime/call-log.ts';
import { followCall } from '../src/cli/follow.ts';
import type { Bed, BenchInstance } from './bed.ts';

/** A call of the benchmark: a phone in a room, and afterwards the log that the instance kept of it. */
export interface BenchCall {
  readonly phone: Phone;
  /** Hangs up and gives all entries of the call's log, once it is complete. */
  end(): Promise<readonly LogEntry[]>;
}

const phoneNumber = () => `+1555${String(randomBytes(4).readUInt32BE() % 10_000_000).padStart(7, '0')}`;

/** A phone that rings in this room. */
export function dialRoom(bed: Bed, room: string, agent?: string): Promise<Phone> {
  const { url, apiKey, apiSecret } = bed.server;
  return bed.phones.createPhone({
    livekitUrl: url,
    apiKey,
    apiSecret,
    room,
    from: phoneNumber(),
    to: '+15550100',
    ...(agent === undefined ? {} : { attributes: { 'voicechart.agent': agent } }),
  });
}

/** Phones in and waits until the call is answered. */
export async function dial(bed: Bed, instance: BenchInstance, agent: string): Promise<BenchCall> {
  const room = `voice-ai-call-${randomBytes(6).toString('hex')}`;
  const phone = await dialRoom(bed, room, agent);
  await phone.when('active', undefined, 20_000);
  return {
    phone,
    async end() {
      await phone.hangUp();
      const entries: LogEntry[] = [];
      for await (const entry of followCall(instance, callKeyOf(room, phone.callId), AbortSignal.timeout(20_000)))
        entries.push(entry);
      return entries;
    },
  };
}

/** Resolves when the phone begins to hear a sound after `afterMs`; gives when. */
export const heardSound = async (phone: Phone, afterMs: number): Promise<number> =>
  (await phone.when('sound.began', ({ startMs }) => startMs > afterMs, 20_000)).startMs;

/** Resolves when the sound that began at `startMs` is over. */
export async function soundOver(phone: Phone, startMs: number): Promise<void> {
  await phone.when('sound.ended', (sound) => sound.startMs >= startMs, 20_000);
}

/** Waits until disclosure and greeting are over: no sound has begun for a while. */
export async function greeted(phone: Phone, quietMs = 900): Promise<void> {
  await phone.when('sound.began');
  for (;;) {
    const last = phone.events().findLast(({ type }) => type === 'sound.began' || type === 'sound.ended');
    if (last?.type === 'sound.ended' && Date.now() - last.atMs > quietMs) return;
    await delay(50);
  }
}

/** A pause of no fixed length, so that nothing beats in time with frames and timers. */
export const pause = (leastMs: number, mostMs: number): Promise<void> =>
  delay(leastMs + (randomBytes(2).readUInt16BE() / 65_536) * (mostMs - leastMs));
