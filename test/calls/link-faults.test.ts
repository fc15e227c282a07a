import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { RtcRoom } from '../../src/adapters/livekit/rtc.ts';
import type { LogEntry } from '../../src/runtime/call-log.ts';
import { answered, ask, greeted } from '../support/call-ask.ts';
import { type LinkResult, writeLinkTable } from '../support/call-fault-table.ts';
import { inRealTime } from '../support/call-real-time.ts';
import { isEvent } from '../support/call-story.ts';
import { untruthOf } from '../support/call-truth.ts';
import { type CallWorld, openCallWorld, type TestCall } from '../support/call-world.ts';
import { type MortalLivekit, nodeThatDies, serverThatRestarts } from '../support/livekit-deaths.ts';
import { ownLinks } from '../support/own-links.ts';

const more = 'The house was built by the lake long ago, it has forty rooms and a view of the hills.';
const rules = [
  { user: 'more', text: more },
  { user: 'green', text: 'Then jade.' },
];
const outageLimitMs = 130_000;

let joined: ReadonlyMap<string, RtcRoom>;
beforeAll(async () => void (joined = await ownLinks()));
/** By the fault, so that one that is tried again counts once. */
const results = new Map<string, LinkResult>();
afterEach(() => writeLinkTable([...results.values()]));

const isBack = (brokeAt: number) => (entry: LogEntry) =>
  entry.at > brokeAt && (isEvent('line.reconnected')(entry) || isEvent('line.joined')(entry));
const heardEnd = ({ phone }: TestCall, brokeAt: number) =>
  phone.when('heard.word', ({ text, startMs }) => text === 'hills.' && startMs > brokeAt, outageLimitMs);

/** When both ways were up again: the agent's, and the caller's as far as his was gone too. */
async function bothBackAt(call: TestCall, brokeAt: number): Promise<number> {
  await call.until(isBack(brokeAt), outageLimitMs);
  await heardEnd(call, brokeAt);
  const began = call.phone.heard().find(({ startMs, text }) => startMs > brokeAt && text === 'hills.')!.startMs;
  const ours = call
    .entries()
    .filter((entry) => isBack(brokeAt)(entry) || (isEvent('caller.joined')(entry) && entry.at > brokeAt));
  const his = call.phone
    .events()
    .filter(({ type, atMs }) => atMs > brokeAt && (type === 'line.reconnected' || type === 'voice.joined'));
  return Math.max(...[...ours.map(({ at }) => at), ...his.map(({ atMs }) => atMs)].filter((at) => at < began));
}

async function tellsMore(call: TestCall): Promise<void> {
  await greeted(call);
  await call.phone.sayWords('well tell me more');
  await call.phone.when('heard.word', ({ text }) => text === 'built');
}

/** Each word was heard once and is in the history, and nothing else is; the next turn of the caller is answered. */
async function isWhole(call: TestCall): Promise<void> {
  await answered(call, /hills/);
  const words = call.phone.heard().map(({ text }) => text);
  expect(words.filter((word) => word === 'hills.').length, call.tell()).toBe(1);
  await ask(call, 'well now green please', /jade/);
  const { unheard, unwritten, allowed } = untruthOf(call);
  // One word is cut where the link breaks.
  expect(unheard.length, `${unheard.join(' ')}\n${call.tell()}`).toBeLessThanOrEqual(allowed + 1);
  expect(unwritten.length, `${unwritten.join(' ')}\n${call.tell()}`).toBeLessThanOrEqual(allowed + 1);
}

/** The link breaks while the agent speaks: how long after it is back the rest is heard, and that it is heard whole. */
async function breaksMidAnswer(call: TestCall, fault: string, strike: () => Promise<unknown>): Promise<void> {
  await tellsMore(call);
  const brokeAt = Date.now();
  await strike();
  const backAt = await bothBackAt(call, brokeAt);
  const heardAt = call.phone.heard().find(({ startMs }) => startMs > backAt)?.startMs ?? Number.POSITIVE_INFINITY;
  const heardMs = Math.round(heardAt - backAt);
  results.set(fault, { fault, awayMs: backAt - brokeAt, heardMs, completed: false });
  await isWhole(call);
  results.set(fault, { fault, awayMs: backAt - brokeAt, heardMs, completed: true });
  expect(heardMs, call.tell()).toBeLessThanOrEqual(1000);
}

/** Kinds of `Room.simulateScenario` that cost the agent its link, and by which fact it is up again. */
const kinds = [
  ['signal lost', 0, 'line.reconnected'],
  ['node fails', 2, 'line.reconnected'],
  ['server sends away', 3, 'line.joined'],
  ['moved to another node', 4, 'line.reconnected'],
  ['forced to TCP', 5, 'line.joined'],
  ['forced to TLS', 6, 'line.joined'],
  ['full reconnect', 7, 'line.reconnected'],
  ['signal lost twice', 8, 'line.reconnected'],
] as const;

describe.concurrent('the link to the room, in the middle of an answer', () => {
  let world: CallWorld;
  beforeAll(async () => void (world = await openCallWorld({ emulators: { openai: { rules } } })));

  test.each(kinds)('R9.3 %s (kind %d): the agent is back by %s', (fault, kind, fact) =>
    inRealTime(async () => {
      const call = await world.dial();
      await breaksMidAnswer(call, fault, () => joined.get(call.room)!.simulateScenario(kind));
      expect(call.entries().findLast(isBack(0))?.data, call.tell()).toMatchObject({ type: fact });
    }),
  );

  test('R9.3 somebody else speaks (kind 1): nothing of the link', () =>
    inRealTime(async () => {
      const call = await world.dial();
      await tellsMore(call);
      const brokeAt = Date.now();
      await joined.get(call.room)!.simulateScenario(1);
      await heardEnd(call, brokeAt);
      await isWhole(call);
      results.set('somebody else speaks', { fault: 'somebody else speaks', awayMs: 0, heardMs: 0, completed: true });
      expect(call.entries().filter((entry) => entry.at > brokeAt && isBack(brokeAt)(entry))).toEqual([]);
    }));

  const deaths: readonly (readonly [string, () => Promise<MortalLivekit>])[] = [
    ['server restarted', () => serverThatRestarts(0)],
    ['server gone for 60 s', () => serverThatRestarts(60_000)],
    ['node lost', nodeThatDies],
  ];
  test.each(deaths)('R9.3 %s', (fault, start) =>
    inRealTime(async () => {
      const livekit = await start();
      const mortal = await openCallWorld({ emulators: { openai: { rules } }, livekit: livekit.access });
      const call = await mortal.dial({ room: await livekit.room() });
      await breaksMidAnswer(call, fault, livekit.die);
      await mortal.close();
      await livekit.stop();
    }),
  );

  test('R9.3 a server that is restarted while the caller speaks: he is answered, or asked to say it again', () =>
    inRealTime(async () => {
      const livekit = await serverThatRestarts(0);
      const mortal = await openCallWorld({ emulators: { openai: { rules } }, livekit: livekit.access });
      const call = await mortal.dial();
      await greeted(call);
      const [{ endMs }] = await Promise.all([
        call.phone.sayWords('well i would like you to tell me more'),
        call.phone.when('speech.began').then(livekit.die),
      ]);
      const backAt = (await call.until(isBack(0), outageLimitMs)).at;
      const { startMs } = await call.phone.when('heard.word', (word) => word.startMs > Math.max(endMs, backAt));
      expect(startMs - Math.max(endMs, backAt), call.tell()).toBeLessThanOrEqual(2500);
      await call.until((entry) => entry.at > startMs && isEvent('playback.finished')(entry));
      await ask(call, 'well now green please', /jade/);
      await mortal.close();
      await livekit.stop();
    }));
});
