import { fromCallback } from 'xstate';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { agentTools, runTools } from '../../src/actors/run-tools.ts';
import { createMemoryLog } from '../../src/adapters/memory/call-log.ts';
import { createMemoryStore } from '../../src/adapters/memory/call-store.ts';
import { tool } from '../../src/agent.ts';
import type { Clock } from '../../src/clock.ts';
import { createCall } from '../../src/machines/call/call.machine.ts';
import { agentLine } from '../../src/machines/call/said.ts';
import type { CallEvent } from '../../src/machines/call/events.ts';
import { createReply } from '../../src/machines/reply/reply.machine.ts';
import { type CallHost, createCallHost } from '../../src/runtime/call-host.ts';
import { caller, deciding, hotel } from '../support/call-harness.ts';
import { wholeSuite } from '../support/call-real-time.ts';
import * as fc from '../support/properties.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const callKey = 'room~SCL_1';
const answer = 'It is booked for two nights with a view of the lake and breakfast.';
const agent = { ...hotel, disclosure: '', greeting: '', ears: [deciding], speculate: false };
const inert = fromCallback<any, any>(() => undefined);
const wordMs = 250;
/** Words of the answer that no phrase has. */
const own = ['booked', 'two', 'nights', 'view', 'lake', 'breakfast.'];

/** The clock of one process: dead it runs nothing more, frozen it runs what was due when it is thawed. */
function processClock(clock: Clock) {
  let state: 'runs' | 'frozen' | 'dead' = 'runs';
  let due: (() => void)[] = [];
  const own: Clock = {
    ...clock,
    setTimeout: (run, ms) =>
      clock.setTimeout(() => {
        if (state === 'runs') run();
        if (state === 'frozen') due.push(run);
      }, ms),
  };
  return {
    own,
    lives: () => state === 'runs',
    kill: () => void (state = 'dead'),
    freeze: () => void (state = 'frozen'),
    thaw() {
      state = 'runs';
      const late = due;
      due = [];
      for (const run of late) run();
    },
  };
}

/** A caller on the line, and processes that run the call one after another. */
async function life() {
  const clock = createVirtualClock(1_000_000);
  const store = createMemoryStore({ clock });
  const log = createMemoryLog();
  const heard: string[] = [];
  const epochs: number[] = [];
  let booked = 0;
  await store.ingest({ id: 'EV_1', callKey, at: 0, fact: { type: 'door.caller_joined', room: 'room', caller } });

  async function begin() {
    const { epoch } = (await store.claim(callKey))!;
    const record = await store.load(callKey);
    const processOf = processClock(clock);
    const ownClock = processOf.own;
    const book = tool({ about: 'Books.', input: z.object({}), effect: 'once', run: () => `number ${(booked += 1)}` });
    const play = fromCallback<any, any>(({ sendBack, input: { turn } }) => {
      let said = 0;
      let over = false;
      const step = (): void => {
        if (over) return;
        const owed = agentLine(host.context(), turn)?.owed.split(' ').filter(Boolean) ?? [];
        if (said < owed.length) {
          if (said === 0) sendBack({ type: 'playback.started', turn, at: ownClock.now() });
          heard.push(owed[said]!);
          said += 1;
          sendBack({
            type: 'playback.heard',
            turn,
            words: [owed[said - 1]],
            heardMs: said * wordMs,
            at: ownClock.now(),
          });
        } else if (said > 0) return sendBack({ type: 'playback.finished', turn, at: ownClock.now() });
        ownClock.setTimeout(step, wordMs);
      };
      ownClock.setTimeout(step, wordMs);
      return () => void (over = true);
    });
    const calls = [{ id: 'c1', name: 'book', input: '{}' }];
    const think = fromCallback<any, any>(({ sendBack, input }) => {
      const isAsked = input.messages.at(-1).role === 'user';
      ownClock.setTimeout(() => {
        if (isAsked) return sendBack({ type: 'model.tools', calls, at: ownClock.now() });
        sendBack({ type: 'model.clause', text: answer, at: ownClock.now() });
        sendBack({ type: 'model.finished', reason: 'stop', at: ownClock.now() });
      }, 300);
    });
    const intentions = { committed: (): Promise<boolean> => host.committed() };
    const tools = runTools(agentTools({ tools: { book } }), ownClock, intentions);
    const reply = createReply({ think, speak: inert, playClip: inert, runTools: tools });
    const others = { joinRoom: inert, hangUp: inert, dial: inert, findLeg: inert, transfer: inert, record: inert };
    const machine = createCall({ ...others, watchVoice: inert, transcribe: inert, play, reply });
    const commit: typeof store.commit = async (saved) => {
      const kept = await store.commit(saved);
      if (kept === 'committed') epochs.push(saved.epoch);
      return kept;
    };
    const host: CallHost = createCallHost({
      callKey,
      room: 'room',
      epoch,
      livekitHost: 'ws://test',
      agent,
      machine,
      clock: ownClock,
      store: { ...store, commit },
      log,
      ...(record && { record }),
    });
    const tell = (event: object) => host.send({ at: clock.now(), ...event } as CallEvent);
    for (const type of ['line.joined', 'stt.opened'] as const) tell({ type });
    tell({ type: 'caller.joined', caller });
    tell({ type: 'caller.answered' });
    return { host, tell, epoch, ...processOf };
  }
  return { clock, store, heard, epochs, begin, booked: () => booked };
}

const ask = [
  { type: 'caller.voice_started', onsetMs: 60, levelDb: -20 },
  { type: 'caller.voice_stopped', quietMs: 120, echo: false },
];

const isQuiet = (host: CallHost) => JSON.stringify(host.value()).includes('"listening":"quiet"');
const deaths = fc.array(fc.record({ afterMs: fc.nat(5000), how: fc.constantFrom('kill', 'freeze', 'hand over') }), {
  maxLength: 4,
});

it('S3 I1 I2 however its owners die, freeze or leave: every word of the answer is heard, a few again at most, and nothing is booked twice', () =>
  fc.assert(
    fc.asyncProperty(deaths, async (list) => {
      const { clock, store, heard, epochs, begin, booked } = await life();
      let owner = await begin();
      let utterance = 0;
      const goOn = async (ms: number): Promise<void> => {
        for (let passed = 0; passed < ms; passed += 50) {
          await clock.advance(50);
          const { host, tell } = owner;
          if (!isQuiet(host) || host.context().history.some(({ who }) => who === 'caller')) continue;
          for (const fact of ask) tell(fact);
          tell({ type: 'stt.turn_ended', utterance: (utterance += 1), text: 'Book it.' });
        }
      };
      for (const { afterMs, how } of list) {
        await goOn(afterMs);
        const last = owner;
        if (how === 'hand over') {
          const gone = last.host.handOver(1000);
          await clock.advance(1500);
          await gone;
        } else last[how]();
        if (how !== 'hand over') await clock.advance(2500);
        owner = await begin();
        await clock.advance(300);
        if (how !== 'freeze') continue;
        last.thaw();
        await clock.advance(300);
        expect(await Promise.race([last.host.ended, 'still there'])).toBe('fenced');
      }
      await goOn(20_000);
      expect(booked()).toBeLessThanOrEqual(1);
      expect(epochs).toEqual(epochs.toSorted((a, b) => a - b));
      expect((await store.load(callKey))?.epoch).toBe(owner.epoch);
      const words = answer.split(' ');
      expect(words.filter((word) => !heard.includes(word))).toEqual([]);
      // Whoever was frozen says what was due before it finds out.
      const mostAgain = list.reduce((sum, { how }) => sum + (how === 'freeze' ? 4 : 2), 0);
      expect(heard.filter((word) => own.includes(word)).length - own.length).toBeLessThanOrEqual(mostAgain);
      const turns = owner.host.context().history.flatMap((line) => (line.who === 'agent' ? [line.turn] : []));
      expect(turns).toEqual([...new Set(turns)]);
      await owner.host.abandon();
    }),
    { numRuns: wholeSuite ? 150 : 12 },
  ));
