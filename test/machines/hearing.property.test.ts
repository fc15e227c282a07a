import { createActor, fromCallback } from 'xstate';
import { expect, it } from 'vitest';
import { transcribe } from '../../src/actors/transcribe.ts';
import type { Transcriber, TranscriberFact } from '../../src/actors/transcriber.ts';
import { createEarHub } from '../../src/adapters/line/ear-hub.ts';
import { frameMs, frameSamples } from '../../src/audio/pcm.ts';
import { hearing } from '../../src/machines/call/hearing.ts';
import type { CallContext } from '../../src/machines/call/context.ts';
import { voiceActivity as voice } from '../../src/machines/call/voice-activity.ts';
import { deciding, dictated, hotel } from '../support/call-harness.ts';
import { failure } from '../support/call-plays.ts';
import * as fc from '../support/properties.ts';
import { callOf } from '../support/region-machines.ts';
import { createVirtualClock, type VirtualClock } from '../support/virtual-clock.ts';

const wordMs = 300;
const opensMs = 50;
const [streamQuietMs, wholeQuietMs, answersMs] = [200, 300, 250];

/** A sound whose frames say which word they belong to; 0 is quiet. */
const frameOf = (word: number): Int16Array => new Int16Array(frameSamples).fill(word);

/** Hears words in such frames: as they are spoken, or when the utterance is over. `fail` breaks the session that is open. */
function listener(clock: VirtualClock, tellsEarly: boolean) {
  let fail: ((retryable: boolean) => void) | undefined;
  let hangs = false;
  const open: Transcriber['open'] = ({ signal }, tell) => {
    const report = (fact: TranscriberFact) => void (signal.aborted || tell(fact));
    let [isOpen, quietMs, soundMs, utterance] = [false, 0, 0, 0];
    let [early, words]: [number[], number[]] = [[], []];
    const text = () => [...new Set(words)].join(' ');
    const settle = () => {
      const [said, untilMs] = [text(), soundMs];
      words = [];
      const end = () =>
        report({ type: 'stt.words', utterance: utterance++, text: said, final: true, behindMs: soundMs - untilMs });
      if (tellsEarly) end();
      else clock.setTimeout(end, answersMs);
    };
    const hear = (word: number) => {
      soundMs += frameMs;
      quietMs = word === 0 ? quietMs + frameMs : 0;
      if (word > 0 && !words.includes(word)) words.push(word);
      if (tellsEarly && quietMs === frameMs && words.length > 0)
        report({ type: 'stt.words', utterance, text: text(), final: false });
      if (words.length > 0 && quietMs >= (tellsEarly ? streamQuietMs : wholeQuietMs)) settle();
    };
    if (!hangs)
      clock.setTimeout(() => {
        isOpen = true;
        report({ type: 'stt.opened' });
        early.forEach(hear);
        early = [];
      }, opensMs);
    fail = (retryable) => report({ type: 'stt.failed', failure: { ...failure, retryable } });
    return {
      write: (frame) => void (signal.aborted || (isOpen ? hear(frame[0]!) : early.push(frame[0]!))),
      expect: () => undefined,
      finalize: () => undefined,
    };
  };
  const transcriber: Transcriber = { name: 'fake', decidesTurns: false, tellsEarly, open };
  return { transcriber, fail: (retryable: boolean) => fail?.(retryable), hang: (on: boolean) => void (hangs = on) };
}

const bursts = fc.array(
  fc.record({
    words: fc.integer({ min: 1, max: 5 }),
    quietMs: fc.integer({ min: 25, max: 100 }).map((n) => n * frameMs),
  }),
  { minLength: 1, maxLength: 5 },
);
const faults = fc.array(
  fc.record({
    atMs: fc.integer({ min: 0, max: 400 }).map((n) => n * frameMs),
    kind: fc.constantFrom('breaks', 'is refused', 'hangs', 'is well'),
  }),
  { maxLength: 4 },
);

it(
  'D4.1 whatever befalls the ears, and whenever, each word that was said is heard once, in order',
  { timeout: 60_000 },
  () =>
    fc.assert(
      fc.asyncProperty(bursts, faults, async (said, befalls) => {
        const clock = createVirtualClock();
        const hub = createEarHub();
        const [first, backup] = [listener(clock, true), listener(clock, false)];
        let sense: ((event: unknown) => void) | undefined;
        const actors = {
          transcribe: transcribe([first.transcriber, backup.transcriber], hub.ear, clock),
          watchVoice: fromCallback(({ sendBack }) => void (sense = sendBack as never)),
        };
        const ears = [{ ...deciding, decides: false }, dictated];
        const machine = callOf({ voice, hearing }, { agent: { ...hotel, ears } }).provide({ actors: actors as never });
        const actor = createActor(machine, { clock, input: undefined as never });
        actor.start();
        let voiced = 0;
        let quiet = 0;
        let word = 0;
        const step = async (heard: number) => {
          for (const { kind } of befalls.filter(({ atMs }) => atMs === clock.now())) {
            if (kind === 'hangs' || kind === 'is well') first.hang(kind === 'hangs');
            const isFirst = (actor.getSnapshot().context as CallContext).ears.ear === 0;
            if (kind !== 'is well' && isFirst) first.fail(kind !== 'is refused');
            if (kind === 'breaks' && !isFirst) backup.fail(true);
          }
          hub.push(frameOf(heard));
          await clock.advance(frameMs);
          [voiced, quiet] = heard > 0 ? [voiced + frameMs, 0] : [quiet >= 120 ? 0 : voiced, quiet + frameMs];
          const at = clock.now();
          if (heard > 0 && voiced === 60) sense?.({ type: 'caller.voice_started', onsetMs: 60, levelDb: -20, at });
          if (heard === 0 && quiet === 120 && voiced >= 60)
            sense?.({ type: 'caller.voice_stopped', quietMs: 120, echo: false, at });
        };
        const lasts = async (ms: number, heard: number) => {
          // oxlint-disable-next-line no-await-in-loop
          for (let passed = 0; passed < ms; passed += frameMs) await step(heard);
        };
        await lasts(400, 0);
        for (const { words, quietMs } of said) {
          for (let count = 0; count < words; count += 1) {
            word += 1;
            // oxlint-disable-next-line no-await-in-loop
            await lasts(wordMs - frameMs, word);
            // oxlint-disable-next-line no-await-in-loop
            await lasts(frameMs, 0);
          }
          // oxlint-disable-next-line no-await-in-loop
          await lasts(quietMs, 0);
        }
        await lasts(8000, 0);
        const { pending } = actor.getSnapshot().context as CallContext;
        actor.stop();
        const all = Array.from({ length: word }, (_, index) => index + 1).join(' ');
        expect(pending.map(({ text }) => text).join(' ')).toBe(all);
      }),
      { numRuns: 60 },
    ),
);
