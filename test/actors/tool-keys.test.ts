import { expect, it } from 'vitest';
import { agentTools, runTools } from '../../src/actors/run-tools.ts';
import { withKeys } from '../../src/actors/tool-keys.ts';
import type { Failure } from '../../src/failure.ts';
import { committedAtOnce, errorOf, startBatch } from '../support/tool-bench.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const lost: Failure = {
  vendor: 'livekit',
  phase: 'stream',
  class: 'network',
  retryable: true,
  message: '1 of 3 keys were pressed: not in the room',
};

function keyboard(answer: Failure | undefined, intentions = committedAtOnce) {
  const pressed: string[] = [];
  const room = {
    sendDigits: (digits: string) => {
      pressed.push(digits);
      return Promise.resolve(answer);
    },
  };
  const clock = createVirtualClock();
  const logic = runTools(withKeys(agentTools({ tools: {} }), room), clock, intentions);
  const ask = async (input: string, more: object = {}) => {
    const batch = startBatch(logic, { calls: [{ id: 'a', key: 'k', name: 'send_digits', input }], ...more });
    await clock.settle();
    return batch;
  };
  return { pressed, ask };
}

it('S1 keys are pressed once for one wish, and the model is told so each time', async () => {
  const { pressed, ask } = keyboard(undefined);
  expect((await ask('{"digits":"12#"}')).types()).toEqual(['tool.started', 'tool.finished', 'tools.finished']);
  expect((await ask('{"digits":"12#"}')).finished()).toMatchObject([{ ok: true, text: 'pressed' }]);
  expect(pressed).toEqual(['12#']);
});

it('S1 keys are pressed whether the model wrote them large or small', async () => {
  const { pressed, ask } = keyboard(undefined);
  expect((await ask('{"digits":"1a"}')).finished()).toMatchObject([{ ok: true }]);
  expect(pressed).toEqual(['1A']);
});

it('S1 keys that did not all go out are told to the model', async () => {
  const { ask } = keyboard(lost);
  const [finished] = (await ask('{"digits":"12#"}')).finished();
  expect(errorOf(finished!.text)).toEqual({ code: 'failed', message: lost.message });
});

it('S1 keys that cannot be noted beforehand are not pressed', async () => {
  const { pressed, ask } = keyboard(undefined, { committed: () => Promise.resolve(false) });
  expect((await ask('{"digits":"1"}')).finished()).toMatchObject([{ ok: false }]);
  expect(pressed).toEqual([]);
});

it('S1 keys begun before the call was taken over are not pressed again', async () => {
  const { pressed, ask } = keyboard(undefined);
  const resumed = [{ id: 'a', key: 'k', name: 'send_digits', input: '{"digits":"1"}', effect: 'once' as const }];
  const [finished] = (await ask('{"digits":"1"}', { calls: [], resumed })).finished();
  expect(errorOf(finished!.text).code).toBe('outcome_unknown');
  expect(pressed).toEqual([]);
});

it('S1 what is no key is refused, naming what is allowed', async () => {
  const { pressed, ask } = keyboard(undefined);
  const [finished] = (await ask('{"digits":"1 2"}')).finished();
  expect(errorOf(finished!.text)).toEqual({
    code: 'invalid_input',
    message: 'digits: 1 to 32 keys of 0-9, *, #, A-D',
  });
  expect(pressed).toEqual([]);
});
