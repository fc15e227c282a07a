import { randomInt } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, vi } from 'vitest';
import { type Emulators, type EmulatorsOptions, startEmulators } from '../../emulators/all.ts';
import { type PhoneProcess, startPhoneProcess } from '../../emulators/phone/process.ts';
import type { Phone } from '../../emulators/phone/types.ts';
import { callKeyOf } from '../../src/runtime/call-key.ts';
import { accessTo, type InstanceAccess } from '../../tools/stack/access.ts';
import { type InstanceProcess, startInstanceProcess } from '../../tools/stack/instance-process.ts';
import { type FollowedCall, followCall } from './call-story.ts';
import { newRoomName, routeWebhooks, sharedLivekit } from './hub.ts';
import { remoteEntries } from './remote-entries.ts';
import type { LivekitAccess } from './services.ts';

/** A process of `src/main.ts`. */
export interface LivingInstance extends Pick<InstanceProcess, 'pid' | 'webhooks' | 'api' | 'health' | 'exited'> {
  readonly access: InstanceAccess;
  /** `kill -9`; resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM, as a deploy does; resolves with the exit code. */
  terminate(): Promise<number | null>;
  /** SIGSTOP: it does nothing more, and does not know. */
  freeze(): void;
  /** SIGCONT. */
  thaw(): void;
}

export interface InstancesOptions {
  readonly emulators?: EmulatorsOptions;
  readonly livekit?: LivekitAccess;
  /** Of every instance, besides those that lead to LiveKit and the vendors. With `REDIS_URL` they share their calls. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A phone call whose owner may die. */
export interface MortalCall extends FollowedCall {
  readonly phone: Phone;
  readonly room: string;
  readonly callKey: string;
}

/** Instances in processes of their own that are killed, frozen and stopped, with emulated vendors and phones that stay. */
export interface Instances {
  readonly emulators: Emulators;
  readonly livekit: LivekitAccess;
  /** Without Redis they have one data folder, which one of them may use at a time. `settings`: of this one alone. */
  start(settings?: Readonly<Record<string, string>>): Promise<LivingInstance>;
  /** Those that run and are not frozen. */
  living(): readonly LivingInstance[];
  dial(): Promise<MortalCall>;
  /** Webhooks of this room (a name ending in `*`: of every room that begins so) go to those that live. Done by `dial` for its own. */
  route(room: string): Promise<void>;
  /** Follows the log of a call that is not a phone's. */
  follow(callKey: string): FollowedCall;
  /** The living instance that says it runs this call. */
  ownerOf(callKey: string): Promise<LivingInstance | undefined>;
  /** What the tools of the agent have done, one line each, over all instances. */
  toolRuns(): readonly string[];
  close(): Promise<void>;
}

const clerk = fileURLToPath(new URL('../calls/fixtures/clerk.ts', import.meta.url));
const open = new Set<Instances>();
let phones: Promise<PhoneProcess> | undefined;

vi.setConfig({ testTimeout: 300_000 });

afterAll(async () => {
  await Promise.allSettled([...open].map((each) => each.close()));
  await (await phones?.catch(() => undefined))?.close();
});

export async function openInstances(options: InstancesOptions = {}): Promise<Instances> {
  // A test that failed has left its own: they share a LiveKit, and would look after the callers of these.
  await Promise.all([...open].map((each) => each.close()));
  const livekit = options.livekit ?? sharedLivekit();
  const folder = mkdtempSync(join(tmpdir(), 'voicechart-instances-'));
  const runsFile = join(folder, 'tool-runs');
  phones ??= startPhoneProcess();
  const [emulators] = await Promise.all([startEmulators(options.emulators), phones]);
  const all = new Set<LivingInstance>();
  const living = new Set<LivingInstance>();
  const calls: MortalCall[] = [];
  const followed: FollowedCall[] = [];
  const shared = options.settings?.['REDIS_URL'] !== undefined;
  const rooms = new Map<string, () => Promise<void>>();
  let started = 0;

  /** As a load balancer would: to those that live, one after another. */
  async function route(room: string): Promise<void> {
    rooms.set(
      room,
      await routeWebhooks(
        room,
        [...living].map(({ webhooks }) => `${webhooks}/webhooks/livekit`),
      ),
    );
  }
  const routeAll = async () => void (await Promise.all([...rooms.keys()].map(route)));

  async function start(settings: Readonly<Record<string, string>> = {}): Promise<LivingInstance> {
    started += 1;
    const dataDir = join(folder, shared ? `data-${started}` : 'data');
    const access = await accessTo(dataDir);
    const own = await startInstanceProcess({
      ...emulators.env,
      LIVEKIT_URL: livekit.url,
      LIVEKIT_API_KEY: livekit.apiKey,
      LIVEKIT_API_SECRET: livekit.apiSecret,
      DATA_DIR: dataDir,
      AGENTS: clerk,
      CLERK_RUNS: runsFile,
      WEBHOOK_ADDR: '127.0.0.1:0',
      API_ADDR: '127.0.0.1:0',
      HEALTH_ADDR: '127.0.0.1:0',
      NODE_ENV: 'production',
      ...options.settings,
      ...settings,
    });
    const { pid, webhooks, api, health, exited } = own;
    const instance: LivingInstance = {
      pid,
      webhooks,
      api,
      health,
      exited,
      access,
      async kill() {
        process.kill(pid, 'SIGKILL');
        await leave();
      },
      async terminate() {
        process.kill(pid, 'SIGTERM');
        await leave();
        return exited;
      },
      freeze() {
        process.kill(pid, 'SIGSTOP');
        living.delete(instance);
        void routeAll();
      },
      thaw() {
        process.kill(pid, 'SIGCONT');
        living.add(instance);
        void routeAll();
      },
    };
    const leave = async () => {
      await exited;
      living.delete(instance);
      all.delete(instance);
      await routeAll();
    };
    all.add(instance);
    living.add(instance);
    await routeAll();
    return instance;
  }

  async function ownerOf(callKey: string): Promise<LivingInstance | undefined> {
    const views = await Promise.all([...living].map(async (each) => ({ each, live: await runs(each, callKey) })));
    return views.find(({ live }) => live)?.each;
  }

  async function dial(): Promise<MortalCall> {
    const room = newRoomName();
    await route(room);
    const { url: livekitUrl, apiKey, apiSecret } = livekit;
    const from = `+1555${randomInt(1_000_000, 9_999_999)}`;
    const phone = await (await phones!).createPhone({ livekitUrl, apiKey, apiSecret, room, from, to: '+15550100' });
    const callKey = callKeyOf(room, phone.callId);
    const call = { ...follow(callKey), phone, room, callKey };
    calls.push(call);
    return call;
  }

  function follow(callKey: string): FollowedCall {
    const call = followCall({ entries: remoteEntries(() => [...living]) }, callKey);
    followed.push(call);
    return call;
  }

  async function close(): Promise<void> {
    open.delete(world);
    await Promise.all(calls.map(({ phone }) => phone.hangUp().catch(() => undefined)));
    await Promise.all(followed.map(({ stop }) => stop()));
    await Promise.all([...all].map((each) => each.kill()));
    await Promise.all([...rooms.values()].map((end) => end()));
    await emulators.close();
    rmSync(folder, { recursive: true, force: true });
  }

  let closing: Promise<void> | undefined;
  const world: Instances = {
    emulators,
    livekit,
    start,
    living: () => [...living],
    dial,
    route,
    follow,
    ownerOf,
    toolRuns: () => linesOf(runsFile),
    close: () => (closing ??= close()),
  };
  open.add(world);
  return world;
}

async function runs({ api, access }: LivingInstance, callKey: string): Promise<boolean> {
  const answer = await fetch(`${api}/v1/calls/${encodeURIComponent(callKey)}`, { headers: access.headers });
  return answer.ok && ((await answer.json()) as { live: boolean }).live;
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean);
  } catch {
    return [];
  }
}
