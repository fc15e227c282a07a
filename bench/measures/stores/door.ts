import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { openRedisStores } from '../../../src/adapters/redis/stores.ts';
import { openSqlite } from '../../../src/adapters/sqlite/stores.ts';
import { systemClock } from '../../../src/clock.ts';
import { webhookPath } from '../../../src/http/webhooks.ts';
import type { Stores } from '../../../src/runtime/stores.ts';
import { Secret } from '../../../src/secret.ts';
import { startEmulators } from '../../../emulators/all.ts';
import { apiKey, apiSecret } from '../../../test/support/webhooks.ts';
import { startRedis } from '../../../tools/services/redis.ts';
import { type InstanceProcess, startInstanceProcess } from '../../../tools/stack/instance-process.ts';
import { usageOf } from '../../process-usage.ts';
import { inFolder } from './folder.ts';
import { calls, seconds } from './pace.ts';
import type { SentWebhooks } from './webhook-sender.ts';

const sender = fileURLToPath(new URL('./webhook-sender.ts', import.meta.url));
const agents = fileURLToPath(new URL('../../agents', import.meta.url));
const keepMs = 60_000;

/** What became of the webhooks that were sent. */
export interface DoorRun {
  readonly storedMs: readonly number[];
  /** Not stored, and answered so: LiveKit would send them again. */
  readonly refused: number;
  /** Answered with 200, and not in the store. */
  readonly lost: number;
  /** Shares of a core while they came. */
  readonly cpu: { readonly sender: number; readonly instance: number };
}

/** Of callers who leave: nobody begins a call for them, so that all that the instance does is to take them in. */
export const doorOnSqlite = (): Promise<DoorRun> =>
  inFolder(async (dir) => {
    const sent = await whileRuns({ DATA_DIR: dir }, (instance) => send(instance, 'left'));
    return counted(sent, await openSqlite({ dir, clock: systemClock, keepMs }));
  });

/** … and of callers who come, to an instance that is stopping: it takes in what others are to run. */
export async function doorOnRedis(kind: 'left' | 'joined'): Promise<DoorRun> {
  const server = await startRedis();
  const env = { REDIS_URL: server.url, DRAIN_SECONDS: '120', MAX_ROOMS: '10000', MAX_PARTICIPANTS: '100000' };
  try {
    const sent = await inFolder((dir) =>
      whileRuns({ ...env, DATA_DIR: dir }, async (instance) => {
        if (kind === 'joined') process.kill(instance.pid, 'SIGTERM');
        return send(instance, kind);
      }),
    );
    return await counted(sent, await openRedisStores({ url: new Secret(server.url), clock: systemClock, keepMs }));
  } finally {
    await server.stop();
  }
}

type Sent = Omit<DoorRun, 'lost'>;

async function whileRuns<Result>(
  env: Readonly<Record<string, string>>,
  work: (instance: InstanceProcess) => Promise<Result>,
): Promise<Result> {
  const emulators = await startEmulators();
  const doors = { WEBHOOK_ADDR: '127.0.0.1:0', API_ADDR: '127.0.0.1:0', HEALTH_ADDR: '127.0.0.1:0' };
  const livekit = { LIVEKIT_URL: 'ws://127.0.0.1:1', LIVEKIT_API_KEY: apiKey, LIVEKIT_API_SECRET: apiSecret };
  const settings = {
    ...emulators.env,
    ...doors,
    ...livekit,
    AGENTS: agents,
    LOG_LEVEL: 'error',
    ...env,
  };
  const instance = await startInstanceProcess(settings);
  try {
    return await work(instance);
  } finally {
    await instance.stop();
    await emulators.close();
  }
}

async function send({ webhooks, pid }: InstanceProcess, kind: 'left' | 'joined'): Promise<Sent> {
  const child = fork(sender, [webhooks, webhookPath, kind, apiKey, apiSecret]);
  let before = usageOf(pid);
  const told = await new Promise<SentWebhooks>((resolve, reject) => {
    child.on('message', (message: 'warm' | SentWebhooks) => {
      if (message === 'warm') before = usageOf(pid);
      else resolve(message);
    });
    child.once('disconnect', () => reject(new Error('the sender of webhooks ended without a word')));
  });
  const after = usageOf(pid);
  const refused = Object.entries(told.answers).reduce((all, [answer, n]) => all + (answer === '200 stored' ? 0 : n), 0);
  return {
    storedMs: told.storedMs,
    refused,
    cpu: { sender: share(told.cpuMs), instance: share(after.cpuMs - before.cpuMs) },
  };
}

/** The store is asked itself, when the instance is gone. */
async function counted(sent: Sent, { store, close }: Stores): Promise<DoorRun> {
  const keys = Array.from({ length: calls }, (_, n) => `voice-ai-call-${n}~SCL_${n}`);
  const mail = await Promise.all(keys.map((callKey) => store.mail(callKey, 0)));
  await close();
  return { ...sent, lost: sent.storedMs.length - mail.flat().length };
}

/** Of a core, over the time in which the webhooks were due. */
const share = (cpuMs: number): number => cpuMs / 1000 / seconds;
