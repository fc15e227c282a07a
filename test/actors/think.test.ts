import { createActor, fromCallback, setup } from 'xstate';
import { z } from 'zod';
import { expect, it } from 'vitest';
import type { ModelFact, ReplyModel } from '../../src/actors/reply-model.ts';
import { think } from '../../src/actors/think.ts';
import { tool } from '../../src/agent.ts';
import { openReply } from '../support/reply-bench.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const apology = 'I am sorry, something went wrong on our side.';
const words = (count: number) => Array.from({ length: count }, (_, index) => `word${index}`).join(' ');

/** Starts `think` over a model that is played by hand; gives what it reports. */
function thinking() {
  const clock = createVirtualClock();
  let tell: ((fact: ModelFact) => void) | undefined;
  const model: ReplyModel = { name: 'by hand', stream: (_, __, report) => void (tell = report) };
  const types: string[] = [];
  const logic = think({ find: () => model }, () => ({ instructions: '', tools: [] }), clock);
  const parent = setup({ actors: { think: logic, none: fromCallback(() => undefined) } }).createMachine({
    invoke: { src: 'think', input: { model: '', messages: [], said: '' } },
    on: { '*': { actions: ({ event }) => void types.push(event.type) } },
  });
  createActor(parent, { clock }).start();
  return { clock, types, tell: (fact: ModelFact) => tell?.(fact) };
}

it('D4.1 tells that the model is at work, twice a second at most', async () => {
  const { clock, types, tell } = thinking();
  for (let ms = 0; ms < 2000; ms += 20) {
    tell(ms % 40 === 0 ? { type: 'model.text', text: 'and ' } : { type: 'model.progressed' });
    // oxlint-disable-next-line no-await-in-loop
    await clock.advance(20);
  }
  expect(types).toEqual(['model.requested', 'model.first_token', ...Array(3).fill('model.progressed')]);
});

it('D4.1 a model that takes 4 s for a sentence is waited for, and the caller is told so meanwhile', async () => {
  const sentence = `${words(13)}.`;
  const call = openReply({ model: { answer: () => ({ text: sentence }), tokenMs: 300 } });
  await call.plays();
  expect(call.said()).toContain(sentence);
  expect(call.said()).not.toContain(apology);
  expect(Math.max(...call.silences())).toBeLessThan(2500);
});

it('D4.1 a model that takes 20 s for a sentence leaves the caller in no silence of 2.5 s', async () => {
  const sentence = `${words(20)}.`;
  const call = openReply({ model: { answer: () => ({ text: sentence }), tokenMs: 1000 } });
  await call.plays();
  expect(call.said()).toContain(sentence);
  expect(Math.max(...call.silences())).toBeLessThan(2500);
});

it('D4.1 a model that never comes to an end is given up within a minute', async () => {
  const call = openReply({ model: { answer: () => ({ text: words(1000) }), tokenMs: 1000 } });
  await call.plays(90_000);
  expect(call.said()).toMatch(new RegExp(`${apology}$`));
  expect(call.finished()).toBe(true);
});

it.each([
  ['at once', 0],
  ['within a filler', 1500],
  ['after it', 2600],
])(
  'D4.1 a model that hangs after a tool that ended %s is given up, and never is there silence for 2.5 s',
  async (_, toolMs) => {
    const bench = { wait: (_ms: number, _done: () => void): void => undefined };
    const seen = tool({
      about: 'Looks.',
      input: z.object({}),
      effect: 'none',
      run: () => new Promise<string>((resolve) => bench.wait(toolMs, () => resolve('seen'))),
    });
    let asked = 0;
    const call = openReply({
      model: { answer: () => ((asked += 1) === 1 ? { tools: [{ name: 'look', input: {} }] } : { stallAfter: 0 }) },
      tools: { look: seen },
    });
    bench.wait = (ms, done) => void call.clock.setTimeout(done, ms);
    await call.plays();
    expect(asked).toBe(2);
    expect(call.said()).toMatch(new RegExp(`${apology}$`));
    expect(Math.max(...call.silences())).toBeLessThan(2500);
  },
);
