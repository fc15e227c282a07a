import { describe, expect, it } from 'vitest';
import type { AgentFacts } from '../../src/machines/call/context.ts';
import { callerSays, type CallHarness } from '../support/call-harness.ts';
import { asked, asks, begins, failure, finishes, starts } from '../support/call-plays.ts';

const lists: Partial<AgentFacts> = { models: ['openai/one', 'groq/two'], voices: ['cartesia/one', 'openai/two'] };

const modelFails = (call: CallHarness, more = {}) =>
  call.report('think', { type: 'model.failed', failure: { ...failure, ...more } });

/** Which model was asked last. */
const lastAsked = (call: CallHarness): string => starts(call, 'think').at(-1).model;

/** The first fails, the second answers, and the caller has heard it. */
async function failsOver(call: CallHarness, more = {}): Promise<void> {
  modelFails(call, more);
  begins(call, 'Ninety euros.', 2);
  await call.clock.advance(500);
  finishes(call);
}

describe('R10.4 the order in which an agent’s list is asked', () => {
  it('has what failed last for 30 s, and then in its place again', async () => {
    const call = await asked('What does a room cost?', lists);
    expect(lastAsked(call)).toBe('openai/one');
    await failsOver(call);
    expect(call.context().ailing).toMatchObject([{ part: 'model', name: 'openai/one', sparedMs: 30_000 }]);
    const { until } = call.context().ailing[0]!;
    for (let utterance = 1; call.clock.now() < until - 2000; utterance += 1) {
      // oxlint-disable-next-line no-await-in-loop
      await asks(call, utterance, 'And breakfast?');
      expect(lastAsked(call)).toBe('groq/two');
      begins(call, 'Ten euros.', 2);
      finishes(call);
    }
    await call.clock.advance(2000);
    await asks(call, 99, 'And dinner?');
    expect(lastAsked(call)).toBe('openai/one');
  });

  it('spares for twice as long what fails again, for 5 minutes at most, and forgets it when it has worked', async () => {
    const call = await asked('What does a room cost?', lists);
    for (const sparedMs of [30_000, 60_000, 120_000, 240_000, 300_000, 300_000]) {
      const { turn } = call.context();
      const fact = { type: 'reply.vendor_failed', turn, part: 'model', name: 'openai/one' } as const;
      call.send(fact);
      expect(call.context().ailing).toMatchObject([{ name: 'openai/one', sparedMs }]);
    }
    call.send({ type: 'reply.vendor_worked', turn: call.context().turn, part: 'model', name: 'openai/one' });
    expect(call.context().ailing).toEqual([]);
  });

  it('waits as long as the vendor asks for', async () => {
    const call = await asked('What does a room cost?', lists);
    const at = call.clock.now();
    await failsOver(call, { httpStatus: 429, retryAfterMs: 90_000 });
    expect(call.context().ailing[0]!.until - at).toBeGreaterThan(89_000);
    expect(call.context().ailing[0]!.until - at).toBeLessThan(91_000);
  });

  it('has what the instance avoids behind the others, and what failed behind that', async () => {
    const call = await asked('What does a room cost?', { models: ['openai/one', 'groq/two', 'openai/three'] });
    call.send({ type: 'call.avoid', vendors: ['openai'] });
    begins(call, 'Ninety euros.', 2);
    finishes(call);
    await asks(call, 1, 'And breakfast?');
    expect(lastAsked(call)).toBe('groq/two');
    modelFails(call);
    expect(lastAsked(call)).toBe('openai/one');
    begins(call, 'Ten euros.', 2);
    finishes(call);
    call.send({ type: 'call.avoid', vendors: [] });
    await asks(call, 2, 'And dinner?');
    modelFails(call);
    modelFails(call);
    expect(
      starts(call, 'think')
        .slice(-3)
        .map(({ model }) => model),
    ).toEqual(['openai/one', 'openai/three', 'groq/two']);
  });

  it('survives a restore', async () => {
    const call = await asked('What does a room cost?', lists);
    await failsOver(call);
    call.send({ type: 'call.restored', epoch: 2 });
    await call.clock.advance(100);
    await callerSays(call, 1, 'And breakfast?');
    await call.clock.advance(2000);
    expect(lastAsked(call)).toBe('groq/two');
  });
});
