import { describe, expect, it } from 'vitest';
import { well, within } from '../../../src/cli/doctor/finding.ts';
import { createChecking } from '../../support/checking.ts';

const limit = { check: 'thing', limitMs: 20, mend: 'mend it' };

describe('a check of doctor', () => {
  it('that hangs is ended by its time, and what it tells afterwards is not heard', async () => {
    const checking = createChecking();
    const later = Promise.withResolvers<void>();
    await within(checking, limit, async (each) => {
      await later.promise;
      each.tell(well('thing', 'after all'));
    });
    expect(checking.findings).toEqual([
      { check: 'thing', verdict: 'mend', saw: 'no answer within 0.02 s', mend: 'mend it' },
    ]);
    expect(checking.cleaning.size).toBe(1);
    later.resolve();
    await Promise.all(checking.cleaning);
    expect([checking.findings.length, checking.cleaning.size]).toEqual([1, 0]);
  });

  it('that throws is a finding of one line', async () => {
    const checking = createChecking();
    await within(checking, limit, () => Promise.reject(new Error('broken\nin two')));
    expect(checking.findings).toEqual([{ check: 'thing', verdict: 'mend', saw: 'broken in two', mend: 'mend it' }]);
  });

  it('that is stopped says nothing more', async () => {
    const checking = createChecking();
    const hanging = within(checking, { ...limit, limitMs: 60_000 }, () => new Promise(() => undefined));
    checking.stop();
    await hanging;
    expect(checking.findings).toEqual([]);
  });
});
