import * as fc from '../support/properties.ts';
import { describe, expect, it } from 'vitest';
import { applySip } from '../../src/actors/apply-sip.ts';
import { type Held, planOf, type SipThing } from '../../src/sip.ts';
import { changedFields } from '../../src/sip/compare.ts';
import { fakeSipAdmin } from '../support/fakes/fake-sip-admin.ts';
import { sipFile } from '../support/sip-files.ts';

const runs = { numRuns: 200 };
const prune = { prune: true };

async function holding(file: readonly SipThing[]): Promise<Map<string, Held>> {
  const held = new Map<string, Held>();
  await applySip(fakeSipAdmin(held), file, prune);
  return held;
}

/** Nothing but what the file says, rules on the trunks of their names. */
function expectExactly(held: Map<string, Held>, file: readonly SipThing[]): void {
  const plan = planOf(file, [...held.values()], prune);
  expect({ steps: plan.steps, changes: plan.changes }).toEqual({ steps: [], changes: [] });
  expect(held.size).toBe(file.length);
  for (const wanted of file) {
    const found = [...held.values()].find(({ kind, name }) => kind === wanted.kind && name === wanted.name)!;
    const named =
      found.kind === 'rule' ? { ...found, trunks: found.trunks.map((id) => held.get(id)?.name ?? id) } : found;
    expect(changedFields(named, wanted)).toEqual([]);
  }
}

describe('from any file to any other', () => {
  it('no request is refused, and the server has what the file says', async () => {
    await fc.assert(
      fc.asyncProperty(sipFile, sipFile, async (before, after) => {
        const held = await holding(before);
        const admin = fakeSipAdmin(held);
        await applySip(admin, after, prune);
        expect(admin.refused()).toBe(0);
        expectExactly(held, after);
        const again = fakeSipAdmin(held);
        expect((await applySip(again, after, prune)).result).toBe('unchanged');
        expect(again.requests).toEqual([]);
      }),
      runs,
    );
  });

  it('stopped before any step and run again, it ends the same', async () => {
    await fc.assert(
      fc.asyncProperty(sipFile, sipFile, fc.nat(30), async (before, after, steps) => {
        const held = await holding(before);
        const stop = new AbortController();
        let left = steps;
        const admin = fakeSipAdmin(held, async () => {
          if ((left -= 1) < 0) stop.abort();
        });
        await applySip(admin, after, { ...prune, signal: stop.signal }).catch(() => undefined);
        const again = fakeSipAdmin(held);
        await applySip(again, after, prune);
        expect(again.refused()).toBe(0);
        expectExactly(held, after);
      }),
      runs,
    );
  });

  it('two at once end right, whatever the order of their requests', async () => {
    await fc.assert(
      fc.asyncProperty(sipFile, sipFile, fc.scheduler(), async (before, after, scheduler) => {
        const held = await holding(before);
        const turn = () => scheduler.schedule(Promise.resolve());
        const both = [1, 2].map(() => applySip(fakeSipAdmin(held, turn), after, prune));
        await scheduler.waitFor(Promise.all(both));
        expectExactly(held, after);
      }),
      runs,
    );
  });

  it('without prune nothing is deleted, and what is in the way stops it before the first request', async () => {
    await fc.assert(
      fc.asyncProperty(sipFile, sipFile, async (before, after) => {
        const held = await holding(before);
        const ids = [...held.keys()];
        const admin = fakeSipAdmin(held);
        const { result, last } = await applySip(admin, after, { prune: false });
        expect(ids.filter((id) => !held.has(id))).toEqual([]);
        expect(result === 'blocked').toBe(last.blocked.length > 0);
        if (result === 'blocked') expect(admin.requests).toEqual([]);
        else expect(planOf(after, [...held.values()], { prune: false }).changes).toEqual([]);
      }),
      runs,
    );
  });
});
