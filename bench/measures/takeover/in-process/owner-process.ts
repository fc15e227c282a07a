// An instance's part that runs calls, on the Redis that its first argument names: real stores, queue, admission, worker, hosts and
// machines. Rooms are those of the process that started it, reached over IPC.
import { argv, env, pid } from 'node:process';
import { openRedisQueue } from '../../../../src/adapters/redis/call-queue.ts';
import { openRedisStores } from '../../../../src/adapters/redis/stores.ts';
import { inProcessRecorder } from '../../../../src/adapters/in-process/no-recorder.ts';
import { frameMs } from '../../../../src/audio/pcm.ts';
import { systemClock as clock } from '../../../../src/clock.ts';
import { readConfig } from '../../../../src/config.ts';
import { createAdmission } from '../../../../src/runtime/admission.ts';
import { createHub } from '../../../../src/runtime/hub.ts';
import type { LineLook } from '../../../../src/runtime/line-look.ts';
import { createLiveCalls } from '../../../../src/runtime/live-calls.ts';
import { createLogger } from '../../../../src/runtime/log.ts';
import type { CallNotice } from '../../../../src/runtime/notices.ts';
import { createRemoteRecorders } from '../../../../src/runtime/workers/recorders.ts';
import { Secret } from '../../../../src/secret.ts';
import type { Lines } from '../../../../src/wiring/call-lines.ts';
import { openPosture } from '../../../../src/wiring/care.ts';
import { tellLeftAlone } from '../../../../src/wiring/left-alone.ts';
import { createRunner } from '../../../../src/wiring/runner.ts';
import { scriptedCast } from './cast.ts';
import { createRemoteLine, type Rooms } from './line.ts';
import type { FromOwner, ToOwner } from './messages.ts';
import { watchedLog, watchedStore } from './watched.ts';

const [, , redisUrl = '', capacity = ''] = argv;
const url = new Secret(redisUrl);
const send = (message: FromOwner): void => void (process.connected && process.send?.(message, () => undefined));
const log = createLogger({ level: 'error', to: 'stderr' });
tellLeftAlone(log);
process.once('disconnect', () => process.exit(0));

const nowhere = { LIVEKIT_URL: 'ws://127.0.0.1:1', LIVEKIT_API_KEY: 'key', LIVEKIT_API_SECRET: 'x'.repeat(40) };
const reading = readConfig({ ...env, ...nowhere, REDIS_URL: redisUrl });
if ('problems' in reading) throw new Error(reading.problems.join('\n'));

const rooms = createRooms();
const lines: Lines = {
  open({ room, callerKey, epoch }) {
    send({ type: 'owned', room, epoch });
    return createRemoteLine(rooms, { room, callerKey, epoch, clock });
  },
  participants: { remove: async () => undefined },
  egress: inProcessRecorder,
  close: async () => undefined,
};

const stores = await openRedisStores({ url, clock, keepMs: 3_600_000 });
const wrote = (message: FromOwner) => send(message);
const store = watchedStore(stores.store, clock, wrote);
const callLog = watchedLog(stores.log, clock, wrote);
const queue = await openRedisQueue({ url, store, clock });
const threw = (error: unknown) => send({ type: 'trouble', text: String(error) });
const runner = await createRunner(
  {
    ...reading,
    agents: [],
    lines,
    posture: openPosture(log),
    clock,
    log,
    stores: { ...stores, store, log: callLog },
    egresses: createRemoteRecorders(() => undefined),
    told: { notices: createHub<CallNotice>(threw), looks: createHub<LineLook>(threw) },
    running: createLiveCalls({ log: callLog, clock, pid }),
    stopping: new AbortController().signal,
  },
  [scriptedCast(clock)],
);
// Raised: as many calls as are asked for, and joining costs nothing here.
const admission = createAdmission(
  {
    store,
    participants: lines.participants,
    limits: { calls: Number(capacity) },
    cpu: () => 0,
    clock,
    refused: (callKey, why) => send({ type: 'trouble', text: `${callKey} was refused: ${why}` }),
    notPutOut: () => undefined,
  },
  runner.run,
);
const lost = (callKey: string, error: unknown) => send({ type: 'trouble', text: `${callKey} was lost: ${error}` });
void queue.run({ capacity: Number(capacity), signal: new AbortController().signal, lost }, admission.run);
send({ type: 'ready' });

/** One timer beats for all calls. */
function createRooms(): Rooms {
  const stays = new Map<number, (message: ToOwner) => void>();
  const beats = new Set<() => void>();
  let last = 0;
  process.on('message', (message: ToOwner) => stays.get(message.stay)?.(message));
  setInterval(() => beats.forEach((each) => each()), frameMs);
  return {
    send,
    stay(hear) {
      last += 1;
      const stay = last;
      stays.set(stay, hear);
      return { stay, end: () => void stays.delete(stay) };
    },
    beat(each) {
      beats.add(each);
      return () => void beats.delete(each);
    },
  };
}
