import { randomInt } from 'node:crypto';
import { RoomServiceClient } from 'livekit-server-sdk';
import { afterAll, vi } from 'vitest';
import { type Emulators, type EmulatorsOptions, startEmulators } from '../../emulators/all.ts';
import { type LiveKitFront, startLiveKitFront } from '../../emulators/livekit/front.ts';
import type { LiveKitFrontSettingsInput } from '../../emulators/livekit/settings.ts';
import { type PhoneProcess, startPhoneProcess } from '../../emulators/phone/process.ts';
import type { Phone, PhoneOptions } from '../../emulators/phone/types.ts';
import { judge, spokenByTurn, type Verdict } from '../../emulators/verdict.ts';
import { disposeRtc } from '../../src/adapters/livekit/rtc.ts';
import type { Agent, AgentOptions } from '../../src/agent.ts';
import type { CallHost } from '../../src/runtime/call-host.ts';
import { callKeyOf } from '../../src/runtime/call-key.ts';
import type { Logger } from '../../src/runtime/log.ts';
import { agentTurns } from '../../tools/demo/record.ts';
import { openTestInstance, type TestInstance } from './call-instance.ts';
import { type FollowedCall, followCall } from './call-story.ts';
import { hubWebhookUrl, newRoomName, routeWebhooks, sharedLivekit } from './hub.ts';
import type { LivekitAccess } from './services.ts';

export interface CallWorldOptions {
  /** A whole agent, or what differs from `shortAgent`. */
  readonly agent?: Agent | Partial<AgentOptions>;
  readonly emulators?: EmulatorsOptions;
  /** A livekit-server of its own instead of the shared one; its webhooks must go to the hub. */
  readonly livekit?: LivekitAccess;
  /** Puts a front with a gateway, a recorder and an ingress before the server, with these settings. */
  readonly front?: LiveKitFrontSettingsInput;
  /** Of the instance, besides those that lead to LiveKit and the vendors. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly log?: Logger;
  /** The health watch looks at LiveKit and the vendors. */
  readonly isWatched?: boolean;
}

export interface DialOptions extends Partial<Omit<PhoneOptions, 'livekitUrl' | 'apiKey' | 'apiSecret'>> {
  /** Where the phone comes in; the world's own server unless given. */
  readonly at?: LivekitAccess;
}

/** One phone call, seen from both ends. */
export interface TestCall extends FollowedCall {
  readonly phone: Phone;
  readonly room: string;
  readonly callKey: string;
  /** What the ear heard held against the history, by the numbers of the words. */
  verdict(): Verdict;
  /** The call in this instance, while it runs. */
  host(): CallHost | undefined;
}

/** Emulated vendors, an instance in this process and phones in another, around the livekit-server that all tests share. */
export interface CallWorld extends TestInstance {
  readonly emulators: Emulators;
  readonly api: RoomServiceClient;
  /** Where there is one. */
  readonly front: LiveKitFront | undefined;
  /** Webhooks of this room reach the instance. Done by `dial` for its own. */
  route(room: string): Promise<void>;
  dial(options?: DialOptions): Promise<TestCall>;
  /** Follows the log of a call that is not a phone's. */
  follow(room: string, callerKey: string): FollowedCall;
}

const open = new Set<CallWorld>();
let phones: Promise<PhoneProcess> | undefined;

// Calls take their time, and wait for a seat (`call-real-time.ts`).
vi.setConfig({ testTimeout: 300_000 });

// Whatever its tests leave open is closed with their file: rtc-node would keep the process alive.
afterAll(async () => {
  await Promise.allSettled([...open].map((world) => world.close()));
  await (await phones?.catch(() => undefined))?.close();
  await disposeRtc();
});

/** One process of phones for a file: about ten phones fit. */
const phoneProcess = (): Promise<PhoneProcess> => (phones ??= startPhoneProcess());

/** Opens a world on the shared livekit-server. It is closed with the file of the test at the latest. */
export async function openCallWorld(options: CallWorldOptions = {}): Promise<CallWorld> {
  const livekit = options.livekit ?? sharedLivekit();
  const [emulators] = await Promise.all([startEmulators(options.emulators), phoneProcess()]);
  const env = { ...emulators.env, ...options.settings };
  const front = options.front && (await frontBefore(livekit, options.front));
  const reached = front ? { ...livekit, url: front.url, httpUrl: front.httpUrl } : livekit;
  const test = await openTestInstance({
    livekit: reached,
    env,
    agent: options.agent,
    log: options.log,
    isWatched: options.isWatched,
  });
  const api = new RoomServiceClient(livekit.httpUrl, livekit.apiKey, livekit.apiSecret);
  const unroute: (() => Promise<void>)[] = [];
  const calls: TestCall[] = [];
  const followed: FollowedCall[] = [];
  let closing: Promise<void> | undefined;

  async function close(): Promise<void> {
    open.delete(world);
    await Promise.all(calls.map(({ phone }) => phone.hangUp().catch(() => undefined)));
    await Promise.all(followed.map(({ stop }) => stop()));
    await test.close();
    await Promise.all(calls.map(({ room }) => api.deleteRoom(room).catch(() => undefined)));
    await Promise.all(unroute.map((end) => end()));
    await front?.close();
    await emulators.close();
  }

  const world: CallWorld = {
    ...test,
    emulators,
    api,
    front,
    async route(room) {
      unroute.push(await routeWebhooks(room, `${test.doors.webhooks.url}/webhooks/livekit`));
    },
    async dial(dialled = {}) {
      const { at = livekit, ...rest } = dialled;
      const phoneOptions = phoneFor(at, rest);
      const { room } = phoneOptions;
      await world.route(room);
      const phone = await (await phoneProcess()).createPhone(phoneOptions);
      const callKey = callKeyOf(room, phone.callId);
      const call: TestCall = {
        ...world.follow(room, phone.callId),
        phone,
        room,
        callKey,
        host: () => test.instance.calls.running().find((host) => host.callKey === callKey),
        verdict: () =>
          judge(spokenByTurn(emulators.cartesia.journal, callKey), phone.heard(), agentTurns(call.story())),
      };
      calls.push(call);
      return call;
    },
    follow(room, callerKey) {
      const call = followCall(test.instance.calls, callKeyOf(room, callerKey));
      followed.push(call);
      return call;
    },
    close: () => (closing ??= close()),
  };
  open.add(world);
  return world;
}

const frontBefore = ({ url, apiKey, apiSecret }: LivekitAccess, settings: LiveKitFrontSettingsInput) =>
  startLiveKitFront({ upstream: url, apiKey, apiSecret, webhookUrls: [hubWebhookUrl()], settings });

const phoneFor = ({ url, apiKey, apiSecret }: LivekitAccess, dialled: Omit<DialOptions, 'at'>): PhoneOptions => ({
  room: newRoomName(),
  from: `+1555${randomInt(1_000_000, 9_999_999)}`,
  to: '+15550100',
  ...dialled,
  livekitUrl: url,
  apiKey,
  apiSecret,
});
