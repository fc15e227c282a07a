import { expect, it } from 'vitest';
import { covered } from '../support/coverage.ts';
import { product } from '../support/walk-parts.ts';

/** Two minutes where nothing else runs. */
const patience = 1_200_000;

it('S1 every edge of all regions together is walked under the host', { timeout: patience }, async () => {
  const { states, edges, untimely, wrong } = await covered(product);
  console.log(`${product.name}: ${states} states, ${edges} edges, ${untimely} of them untimely`);
  expect(wrong.slice(0, 10)).toEqual([]);
});
