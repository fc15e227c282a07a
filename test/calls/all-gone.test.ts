import { describe, expect, test } from 'vitest';
import { cartesia, flux, groq, openai } from '../../src/agent.ts';
import { ask, greeted, transcript } from '../support/call-ask.ts';
import { inRealTime } from '../support/call-real-time.ts';
import { lengthOf, longestOwedSilence } from '../support/call-silence.ts';
import { isEnd } from '../support/call-story.ts';
import { untruthOf } from '../support/call-truth.ts';
import { type CallWorld, openCallWorld, type TestCall } from '../support/call-world.ts';

const agent = {
  model: [openai('gpt-5.4-mini'), groq('openai/gpt-oss-120b')],
  voice: [cartesia('a0e99841-438c-4a64-b679-ae501e7d6091'), openai('alloy')],
};
const rules = [{ text: 'Ruby it is, a fine stone, and rare.' }];
const apology = 'I am sorry, something went wrong on our side.';
const goodbye = 'Thank you for calling. Goodbye.';

/** Open connections end, and no new one is taken. */
const refuse = (...emulators: readonly Pick<CallWorld['emulators']['openai'], 'faults'>[]): void => {
  for (const { faults } of emulators) {
    faults.add({ kind: 'refuse' });
    faults.add({ kind: 'drop' });
  }
};

const gone: readonly (readonly [string, (world: CallWorld) => void])[] = [
  ['no model', ({ emulators: { openai, groq } }) => refuse(openai, groq)],
  ['no voice', ({ emulators: { openai, cartesia } }) => refuse(openai, cartesia)],
];

const linesOf = (call: TestCall): string[] => transcript(call).filter((line) => line.startsWith('agent: '));

describe.concurrent('R10.4 bad input: all vendors of a list fail', () => {
  test.each(gone)('%s: an apology in two turns, a goodbye, and the end says why', (why, strike) =>
    inRealTime(async () => {
      const world = await openCallWorld({ agent, emulators: { openai: { rules } } });
      const call = await world.dial();
      await greeted(call);
      strike(world);
      await ask(call, 'well i like red', /our side/);
      await call.phone.sayWords('well i like red');
      await call.until(isEnd);
      expect(call.story().ended, call.tell()).toBe(why);
      expect(linesOf(call).slice(-3)).toEqual([apology, apology, goodbye].map((text) => `agent: ${text}`));
      const { unheard, unwritten, allowed } = untruthOf(call);
      expect(Math.max(unheard.length, unwritten.length), call.tell()).toBeLessThanOrEqual(allowed);
      expect(lengthOf(longestOwedSilence(call.phone, call.entries())), call.tell()).toBeLessThanOrEqual(2500);
      await world.close();
    }),
  );

  test('no ear: an apology and a goodbye, and the end says why', () =>
    inRealTime(async () => {
      const ears = [flux(), openai('gpt-4o-mini-transcribe')];
      const world = await openCallWorld({ agent: { ...agent, ears }, emulators: { openai: { rules } } });
      const call = await world.dial();
      await greeted(call);
      world.emulators.openai.faults.add({ kind: 'status', status: 401, path: 'transcriptions' });
      world.emulators.deepgram.faults.add({ kind: 'status', status: 401 });
      world.emulators.deepgram.faults.add({ kind: 'drop' });
      await call.phone.sayWords('well i like red');
      await call.until(isEnd);
      expect(call.story().ended, call.tell()).toBe('deaf');
      expect(linesOf(call).at(-1)).toBe(`agent: I am sorry, I cannot hear you any more. ${goodbye}`);
      const { unheard, unwritten, allowed } = untruthOf(call);
      expect(Math.max(unheard.length, unwritten.length), call.tell()).toBeLessThanOrEqual(allowed);
      expect(lengthOf(longestOwedSilence(call.phone, call.entries())), call.tell()).toBeLessThanOrEqual(2500);
      await world.close();
    }));

  test('R10.4 an agent whose first voice is OpenAI’s is heard, and by Cartesia’s when that fails', () =>
    inRealTime(async () => {
      const voice = agent.voice.toReversed();
      const world = await openCallWorld({ agent: { ...agent, voice }, emulators: { openai: { rules } } });
      const call = await world.dial();
      await greeted(call);
      expect(world.emulators.cartesia.journal.entries({ type: 'speech.generated' })).toEqual([]);
      await ask(call, 'well i like red', /and rare\.$/);
      world.emulators.openai.faults.add({ kind: 'status', status: 401, path: 'speech' });
      await ask(call, 'well i like red', /and rare\.$/);
      expect(world.emulators.cartesia.journal.entries({ type: 'speech.generated' })).not.toEqual([]);
      const { unheard, unwritten, allowed } = untruthOf(call);
      expect(Math.max(unheard.length, unwritten.length), call.tell()).toBeLessThanOrEqual(allowed);
      await world.close();
    }));
});
