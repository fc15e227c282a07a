import { describe, expect, test } from 'vitest';
import type { HealthCheck } from '../../../src/actors/check-health.ts';
import type { Work } from '../../../src/actors/trouble.ts';
import { type WorkName, workNames } from '../recovery-harness.ts';

/** `failing`: what is asked says no; `broken`: it does not even answer, by an error of ours. */
export const conditions = ['well', 'failing', 'broken'] as const;
export type Condition = (typeof conditions)[number];

export interface WorksWorld {
  readonly works: Readonly<Record<WorkName, Work>>;
  readonly health: HealthCheck;
}

/** Planted as a key wherever there is one. */
export const canaryKeys = ['sk-canary-one', 'sk-canary-two'] as const;

const oneLine = /^[^\n]{1,400}$/;
const isFailure = {
  vendor: expect.any(String),
  phase: expect.stringMatching(/^(?:connect|handshake|stream|rest)$/),
  class: expect.stringMatching(/^(?:auth|api|sip|network)$/),
  retryable: expect.any(Boolean),
  message: expect.stringMatching(oneLine),
};

const targetOf = (name: WorkName) =>
  /config|connection|backup|lead/i.test(name) && name !== 'switchToBackup' ? 'livekit-sip' : 'openai';

/** What every piece of recovery's work must do, whichever port it is of: it ends with a value, and may be done again. */
export function recoveryWorksContract(
  kind: string,
  open: (condition: Condition) => WorksWorld | Promise<WorksWorld>,
): void {
  describe.each(conditions)(`what recovery does: ${kind}, where all is %s`, (condition) => {
    test.each(workNames)('D8.2 %s says in one line what it did, or how it failed, once and again', async (name) => {
      const { works } = await open(condition);
      for (const signal of [new AbortController().signal, new AbortController().signal, AbortSignal.abort()]) {
        // oxlint-disable-next-line no-await-in-loop
        const result = await works[name]({ target: targetOf(name), since: 0 }, { signal });
        const done = { did: expect.stringMatching(oneLine) };
        expect(result).toMatchObject('did' in result ? done : isFailure);
        if (condition === 'well' && !signal.aborted) expect(result).toMatchObject(done);
        for (const key of canaryKeys) expect(JSON.stringify(result)).not.toContain(key);
      }
    });

    test('D8.2 health is told of what was asked for alone, and what it is made of is open or has failed', async () => {
      const { health } = await open(condition);
      const signal = new AbortController().signal;
      const failed = await health.initialized({ signal });
      if (condition === 'well') expect(failed).toBeUndefined();
      else expect(failed).toMatchObject(isFailure);
      const failing = await health.probe(['openai', 'groq'], { signal });
      expect(failing).toEqual(
        condition === 'well' ? [] : [{ target: 'openai', failure: expect.objectContaining(isFailure) }],
      );
    });
  });
}
