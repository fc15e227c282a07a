import { expect, onTestFinished, test } from 'vitest';
import { createFlux } from '../../../src/adapters/deepgram/flux.ts';
import { createNova } from '../../../src/adapters/deepgram/nova.ts';
import { expectNoUnhandledRejections } from '../../support/unhandled.ts';
import { spoken, startDeepgram, write } from './world.ts';

expectNoUnhandledRejections();

test.each([
  ['Nova', createNova],
  ['Flux', createFlux],
] as const)('D4.1 Deepgram %s: words say how far behind the sound they are', async (_, create) => {
  const world = await startDeepgram(create, { settings: { maxSpeed: 0 } });
  onTestFinished(() => world.close());
  const { until, session } = world.listen();
  await until((fact) => fact.type === 'stt.opened');
  write(session, spoken('two rooms for friday', { afterMs: 3000 }));
  const settled = await until((fact) => fact.type === 'stt.words' && fact.final);
  const { behindMs } = settled as { readonly behindMs: number };
  // Three seconds of quiet came after them, of which the vendor needed some to settle them.
  expect(behindMs).toBeGreaterThan(1500);
  expect(behindMs).toBeLessThanOrEqual(3000);
});
