import type { CallStore } from '../../../src/runtime/call-store.ts';
import { calls, paced } from './pace.ts';

/** Ms from when an event was due until it was stored: as many a second come as are asked for, whether or not the last were stored. */
export const ingestMs = (store: Pick<CallStore, 'ingest'>): Promise<readonly number[]> =>
  paced((n, dueAt) => storeOne(store, n, dueAt));

async function storeOne(store: Pick<CallStore, 'ingest'>, n: number, dueAt: number): Promise<number> {
  const number = n % calls;
  const caller = { identity: `sip_${number}`, sid: `PA_${n}`, kind: 'sip', callerKey: `SCL_${number}` } as const;
  const room = `voice-ai-call-${number}`;
  const fact = { type: 'door.caller_joined', room, caller } as const;
  await store.ingest({ id: `EV_${n}`, callKey: `${room}~SCL_${number}`, at: Date.now(), fact });
  return performance.now() - dueAt;
}
