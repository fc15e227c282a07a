import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromCallback } from 'xstate';
import { onTestFinished } from 'vitest';
import { dial, findLeg } from '../../src/actors/dial.ts';
import type { Dialer } from '../../src/actors/dialer.ts';
import { createInProcessQueue } from '../../src/adapters/memory/call-queue.ts';
import { openSqlite } from '../../src/adapters/sqlite/stores.ts';
import type { Stores } from '../../src/runtime/stores.ts';
import { systemClock } from '../../src/clock.ts';
import { createCall } from '../../src/machines/call/call.machine.ts';
import { createReply } from '../../src/machines/reply/reply.machine.ts';
import { createCallHost } from '../../src/runtime/call-host.ts';
import { splitCallKey } from '../../src/runtime/call-key.ts';
import type { CallLog } from '../../src/runtime/call-log.ts';
import type { CallStore } from '../../src/runtime/call-store.ts';
import { createCallWorker } from '../../src/runtime/call-worker.ts';
import { createLiveCalls } from '../../src/runtime/live-calls.ts';
import { createOutbound, type OutboundRequest } from '../../src/runtime/outbound.ts';
import type { RoomGate } from '../../src/runtime/room-admission.ts';
import { hotel } from './call-harness.ts';

/** A folder for one test. */
export function dataFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'voicechart-outbound-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** What a process that took everything over now would find: the folder as it lies on the disk. */
export function copied(dir: string): string {
  const copy = dataFolder();
  cpSync(dir, copy, { recursive: true });
  return copy;
}

export const request: OutboundRequest = {
  name: 'one',
  agent: hotel.name,
  to: '+4930123456',
  ringMs: 30_000,
};

interface WorldOptions {
  readonly dir: string;
  readonly dialer: Dialer;
  readonly store?: (store: CallStore) => CallStore;
  readonly concurrent?: number;
  readonly capacity?: number;
  readonly maxWaiting?: number;
  readonly gate?: RoomGate;
  readonly log?: (log: CallLog) => CallLog;
}

const inert = fromCallback<any, any>(() => undefined);
/** Does its work at once. */
const reporting = (fact: object) =>
  fromCallback<any, any>(({ sendBack }) => queueMicrotask(() => sendBack({ at: systemClock.now(), ...fact } as any)));

/** An instance's part of calls out on a SQLite file, with a line that is there at once and telephones of the test. */
export async function outboundWorld({ dir, dialer, ...options }: WorldOptions) {
  const stores: Stores = await openSqlite({ dir, clock: systemClock });
  const store = options.store?.(stores.store) ?? stores.store;
  const stop = new AbortController();
  const unlisted: string[] = [];
  const queue = createInProcessQueue({
    store,
    clock: systemClock,
    ...(options.maxWaiting === undefined ? {} : { maxWaiting: options.maxWaiting }),
  });
  const calls = createLiveCalls({ log: stores.log, clock: systemClock, pid: process.pid });
  const outbound = createOutbound({
    config: { allow: ['+4930'], trunk: 'carrier', concurrent: options.concurrent ?? 5, dailyMinutes: 60 },
    agents: [hotel.name],
    roomPrefix: 'voice-ai-call',
    ...(options.gate ? { gate: options.gate } : {}),
    dials: stores.dials,
    queue,
    log: options.log?.(stores.log) ?? stores.log,
    clock: systemClock,
    stopping: stop.signal,
    unlisted: (callKey) => void unlisted.push(callKey),
  });
  const work = createCallWorker({
    store,
    log: stores.log,
    dials: stores.dials,
    clock: systemClock,
    stopping: stop.signal,
    unwritten: () => undefined,
    running: calls,
    trouble: () => undefined,
    giveUp: async () => undefined,
    open(opening) {
      const intentions = { committed: (): Promise<boolean> => host.committed() };
      const leg = splitCallKey(opening.callKey);
      const call = { leg, room: { hangUp: async () => undefined }, isOver: () => false };
      const machine = createCall({
        joinRoom: reporting({ type: 'line.joined' }),
        hangUp: reporting({ type: 'line.hung_up' }),
        dial: dial(dialer, call, intentions, systemClock),
        findLeg: findLeg(dialer, leg, systemClock),
        transfer: inert,
        record: inert,
        watchVoice: inert,
        transcribe: reporting({ type: 'stt.opened' }),
        play: inert,
        reply: createReply({ think: inert, speak: inert, runTools: inert, playClip: inert }),
      });
      const host = createCallHost({
        ...opening,
        livekitHost: 'ws://test',
        agent: hotel,
        machine,
        clock: systemClock,
        store,
        log: stores.log,
      });
      return { host, close: async () => undefined };
    },
  });
  const running = queue.run({ capacity: options.capacity ?? 5, signal: stop.signal }, work);
  for (const { callKey } of await store.list()) await queue.enqueue(callKey);
  let closing: Promise<void> | undefined;
  async function close(): Promise<void> {
    stop.abort();
    await Promise.all(calls.running().map((host) => host.abandon()));
    await running;
    await stores.close();
  }
  const closed = () => (closing ??= close());
  onTestFinished(closed);
  const ended = (callKey: string) =>
    new Promise<string>((resolve) => {
      const look = async () => {
        const summary = await stores.log.summary(callKey);
        if (summary?.why === undefined) return;
        unwatch();
        resolve(summary.why);
      };
      const unwatch = stores.log.watch(callKey, () => void look());
      void look();
    });
  return { ...stores, store, queue, calls, outbound, unlisted, ended, close: closed };
}
