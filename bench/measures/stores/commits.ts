// oxlint-disable typescript/no-explicit-any -- stands in for every actor
import { readFileSync } from 'node:fs';
import { fromCallback } from 'xstate';
import { createMemoryLog } from '../../../src/adapters/memory/call-log.ts';
import { createMemoryStore } from '../../../src/adapters/memory/call-store.ts';
import { createCall } from '../../../src/machines/call/call.machine.ts';
import { createReply } from '../../../src/machines/reply/reply.machine.ts';
import { createCallHost } from '../../../src/runtime/call-host.ts';
import type { LogDraft } from '../../../src/runtime/call-log.ts';
import type { CallStore } from '../../../src/runtime/call-store.ts';
import { committing, type RecordChange } from '../../../src/runtime/record-parts.ts';
import { deciding, hotel } from '../../../test/support/call-harness.ts';
import { createVirtualClock } from '../../../test/support/virtual-clock.ts';

/** A call of the demo: ten turns, a tool, a barge-in. */
const recorded = new URL('../../../test/fixtures/log/demo-call.jsonl', import.meta.url);

type Told = Extract<LogDraft, { kind: 'event' }>;

/** What a recorded call's commits write, bytes in each second of it. Played again: the same events at the same times, to a machine whose actors do nothing. */
export async function commitBytes(): Promise<readonly number[]> {
  const drafts = readFileSync(recorded, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as LogDraft);
  const events = drafts.filter((draft) => draft.kind === 'event');
  const [init] = events;
  if (!init) throw new Error('the recorded call is empty');
  const seconds: number[] = [];
  const clock = createVirtualClock(init.at);
  const count = (change: RecordChange): void => {
    const second = Math.floor((clock.now() - init.at) / 1000);
    seconds[second] = (seconds[second] ?? 0) + bytesOf(change);
  };
  await play(events, clock, count);
  return Array.from(seconds, (bytes) => bytes ?? 0);
}

/** Names, texts, numbers and the key of the call; what a protocol adds is a few bytes a piece. */
const bytesOf = ({ put, drop, callKey }: RecordChange): number =>
  Buffer.byteLength(JSON.stringify(put)) + Buffer.byteLength(JSON.stringify(drop)) + callKey.length + 40;

async function play(
  events: readonly Told[],
  clock: ReturnType<typeof createVirtualClock>,
  count: (change: RecordChange) => void,
): Promise<void> {
  const { input } = events[0]!.pii as unknown as { readonly input: any };
  const memory = createMemoryStore({ clock });
  const records = committing(async (change) => {
    count(change);
    return 'committed';
  });
  const store: CallStore = { ...memory, commit: records.commit };
  const toReply: { tell?: (event: any) => void } = {};
  const inert = fromCallback<any, any>(() => undefined);
  const answering = fromCallback<any, any>(({ sendBack }) => void (toReply.tell = sendBack));
  const reply = createReply({ think: answering, speak: answering, runTools: answering, playClip: inert });
  const others = { joinRoom: inert, hangUp: inert, dial: inert, findLeg: inert, transfer: inert, watchVoice: inert };
  const machine = createCall({ ...others, transcribe: inert, play: inert, record: inert, reply });
  const { callKey, room, epoch } = input;
  // It was recorded when machines knew less of an agent.
  const agent = { ...hotel, ...input.agent, phrases: hotel.phrases, ears: [deciding] };
  const log = createMemoryLog();
  const host = createCallHost({ callKey, room, epoch, agent, machine, clock, store, log, livekitHost: 'ws://bench' });
  for (const event of events.slice(1)) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await clock.advance(Math.max(0, event.at - clock.now()));
    const { to, type, ...fields } = event.data;
    const told = { type, ...fields, ...event.pii, at: event.at } as never;
    // Timers go off by themselves.
    if (type.startsWith('xstate.')) continue;
    if (to === 'reply') toReply.tell?.(told);
    else host.send(told);
  }
  await clock.advance(1_000);
  if (host.value() === undefined || host.context().history.length < 10)
    throw new Error('the recorded call did not play');
  await host.abandon();
}
