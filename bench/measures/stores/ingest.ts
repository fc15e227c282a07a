import { setTimeout as delay } from 'node:timers/promises';
import type { CallStore } from '../../../src/runtime/call-store.ts';

const perSecond = 2_000;
const seconds = 5;
const everyMs = 5;
const callers = 500;

/** Ms from when an event was due until it was stored: as many a second come as are asked for, whether or not the last were stored. */
export async function ingestMs(store: Pick<CallStore, 'ingest'>): Promise<readonly number[]> {
  const took: Promise<number>[] = [];
  const beganAt = performance.now();
  for (let n = 0; n < perSecond * seconds;) {
    const due = Math.floor(((performance.now() - beganAt) / 1000) * perSecond);
    for (; n < Math.min(due, perSecond * seconds); n += 1)
      took.push(storeOne(store, n, beganAt + (n / perSecond) * 1000));
    // oxlint-disable-next-line no-await-in-loop -- the pace
    await delay(everyMs);
  }
  return Promise.all(took);
}

async function storeOne(store: Pick<CallStore, 'ingest'>, n: number, dueAt: number): Promise<number> {
  const number = n % callers;
  const caller = { identity: `sip_${number}`, sid: `PA_${n}`, kind: 'sip', callerKey: `SCL_${number}` } as const;
  const room = `voice-ai-call-${number}`;
  const fact = { type: 'door.caller_joined', room, caller } as const;
  await store.ingest({ id: `EV_${n}`, callKey: `${room}~SCL_${number}`, at: Date.now(), fact });
  return performance.now() - dueAt;
}
