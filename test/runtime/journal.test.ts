import { expect, test } from 'vitest';
import { journalEntry } from '../../src/runtime/journal.ts';

test('R8.1 what a vendor says of a failure may repeat what was said to it: it is kept where personal things are', () => {
  const failure = {
    vendor: 'openai',
    phase: 'rest',
    class: 'api',
    sub: 'rate',
    retryable: true,
    message: '429 too long: my name is Violet',
    httpStatus: 429,
  } as const;
  const entry = journalEntry(5, 'call.reply', { type: 'model.failed', failure } as { type: string });
  expect(entry.data).toMatchObject({
    type: 'model.failed',
    failure: { vendor: 'openai', class: 'api', sub: 'rate', message: 'api failure at rest (rate, 429)' },
  });
  expect(entry.pii).toEqual({ failure });
});
