import { randomBytes, randomInt } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { startEmulators } from '../../../emulators/all.ts';
import { createRandom } from '../../../emulators/kit/random.ts';
import { startPhoneProcess } from '../../../emulators/phone/process.ts';
import type { Phone } from '../../../emulators/phone/types.ts';
import { type SpokenWord, spokenByTurn } from '../../../emulators/verdict.ts';
import { followCall } from '../../../src/cli/follow.ts';
import { callKeyOf } from '../../../src/runtime/call-key.ts';
import type { LogEntry } from '../../../src/runtime/call-log.ts';
import { type Fleet, type Member, openFleet } from '../../../tools/chaos/fleet.ts';
import { startSpreader } from '../../../tools/chaos/spreader.ts';
import { atEnd, endNow } from '../../../tools/lib/owned.ts';
import { freeTcpPort } from '../../../tools/lib/ports.ts';
import { findLivekitServer, startLivekitServer } from '../../../tools/services/livekit-server.ts';
import { taleRules } from './tales.ts';

/** Instances that share their calls, and callers who stay when one of them goes. */
export interface TakeoverBed {
  readonly fleet: Fleet;
  /** A caller who was greeted. */
  dial(): Promise<TakenCall>;
  close(): Promise<void>;
}

/** Who runs a call. */
export interface Owner {
  readonly member: Member;
  /** The process: that of the instance, or one of its workers. */
  readonly pid: number;
}

export interface TakenCall {
  readonly phone: Phone;
  owner(): Promise<Owner>;
  /** What the voice spoke, by turns. */
  spoken(): ReadonlyMap<number, readonly SpokenWord[]>;
  /** Hangs up, and gives the whole log. */
  end(): Promise<readonly LogEntry[]>;
}

export interface TakeoverBedOptions {
  readonly redisUrl: string;
  readonly instances: number;
  /** About ten phones each. */
  readonly phoneProcesses?: number;
  readonly settings?: Readonly<Record<string, string>>;
  readonly tell: (line: string) => void;
}

const agents = fileURLToPath(new URL('../../agents', import.meta.url));
/** Any of them: one may be damaged on its way. */
const lastOfGreeting = ['shall', 'it', 'be?'];
const greetedWithinMs = 20_000;
/** On a busy machine one hears busy. */
const triesToBeGreeted = 4;
const readWithinMs = 20_000;

/** The vendors take the times of the other benches. */
export async function openTakeoverBed(options: TakeoverBedOptions): Promise<TakeoverBed> {
  const binary = await findLivekitServer({ progress: options.tell });
  if (!binary) throw new Error('no livekit-server: install Go 1.24 or newer, Docker or livekit-server');
  const port = await freeTcpPort();
  const [livekit, emulators, ...phones] = await Promise.all([
    startLivekitServer({ binary, webhookUrl: `http://127.0.0.1:${port}/webhooks/livekit` }),
    startEmulators({
      deepgram: { interimFirstMs: 300, interimEveryMs: 250, finalMs: 150, endOfTurnMs: 150 },
      openai: { rules: taleRules, settings: { firstTokenMs: 250, tokenMs: 20 } },
      cartesia: { settings: { firstAudioMs: 130 } },
    }),
    ...Array.from({ length: options.phoneProcesses ?? 1 }, startPhoneProcess),
  ]);
  const releases = phones.map(({ pid }) => atEnd(() => endNow(pid)));
  const { url: livekitUrl, apiKey, apiSecret } = livekit;
  const fleet = await openFleet({
    ...emulators.env,
    LIVEKIT_URL: livekitUrl,
    LIVEKIT_API_KEY: apiKey,
    LIVEKIT_API_SECRET: apiSecret,
    REDIS_URL: options.redisUrl,
    AGENTS: agents,
    DRAIN_SECONDS: '1',
    NODE_ENV: 'production',
    ...options.settings,
  });
  const doors = () => fleet.living().map(({ webhooks }) => `${webhooks}/webhooks/livekit`);
  const spreader = await startSpreader({ port, random: createRandom('takeover'), doors, apiKey });
  for (let count = 0; count < options.instances; count += 1) await fleet.start();
  let dialled = 0;

  async function dial(tries = triesToBeGreeted): Promise<TakenCall> {
    const room = `voice-ai-call-${randomBytes(6).toString('hex')}`;
    const from = `+1555${randomInt(1_000_000, 9_999_999)}`;
    const to = '+15550100';
    const attributes = { 'voicechart.agent': 'teller' };
    const holder = phones[dialled % phones.length]!;
    dialled += 1;
    const phone = await holder.createPhone({ livekitUrl, apiKey, apiSecret, room, from, to, attributes });
    if (!(await isGreeted(phone))) {
      if (tries === 1) throw new Error('a caller was not greeted');
      options.tell(`  a caller was not greeted, and calls again: ${JSON.stringify(phone.events().at(-1))}`);
      return dial(tries - 1);
    }
    const callKey = callKeyOf(room, phone.callId);
    return {
      phone,
      owner: () => ownerOf(fleet, callKey),
      spoken: () => spokenByTurn(emulators.cartesia.journal, callKey),
      async end() {
        await phone.hangUp();
        return logOf(fleet, callKey);
      },
    };
  }

  return {
    fleet,
    dial: () => dial(),
    async close() {
      await Promise.all(phones.map((each) => each.close()));
      await Promise.all([fleet.close(), spreader.close()]);
      await Promise.all([livekit.stop(), emulators.close()]);
      for (const release of releases) release();
    },
  };
}

const isGreeted = (phone: Phone): Promise<boolean> =>
  phone
    .when('heard.word', ({ text }) => lastOfGreeting.includes(text), greetedWithinMs)
    .then(() => true)
    .catch(async () => {
      await phone.hangUp();
      return false;
    });

async function ownerOf({ living }: Fleet, callKey: string): Promise<Owner> {
  for (const member of living()) {
    const { api, access } = member;
    const answer = await fetch(`${api}/v1/calls/${encodeURIComponent(callKey)}`, { headers: access.headers });
    const { live, owner } = (await answer.json()) as { live?: boolean; owner?: { pid: number } };
    if (live && owner) return { member, pid: owner.pid };
  }
  throw new Error('no instance says that it runs the call');
}

async function logOf({ living }: Fleet, callKey: string): Promise<readonly LogEntry[]> {
  const entries: LogEntry[] = [];
  const [member] = living();
  if (!member) throw new Error('no instance is left to tell of the call');
  for await (const entry of followCall(member, callKey, AbortSignal.timeout(readWithinMs))) entries.push(entry);
  return entries;
}
