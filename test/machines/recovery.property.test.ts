import { expect, test } from 'vitest';
import type { Target } from '../../src/targets.ts';
import * as fc from '../support/properties.ts';
import {
  fails,
  never,
  overloaded,
  recoveryBench,
  refused,
  spent,
  unreachable,
  type WorkName,
  workNames,
} from '../support/recovery-harness.ts';

const targets: readonly Target[] = [
  'livekit-room',
  'livekit-egress',
  'sip-gateway',
  'openai',
  'groq',
  'cartesia',
  'redis',
];

const target = fc.constantFrom(...targets);
const failure = fc.constantFrom(refused, overloaded, spent, unreachable);
const outcomes = { well: undefined, fails: fails(overloaded), refused: fails(spent), hangs: never };

const act = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('sick' as const), target, failure, inCalls: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('slow' as const), target }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('well' as const), target }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 40_000 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('acknowledge' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('lead' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('lose' as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('world' as const),
      work: fc.constantFrom(...workNames),
      outcome: fc.constantFrom('well', 'fails', 'refused', 'hangs'),
    }),
  },
);

type Act = typeof act extends fc.Arbitrary<infer One> ? One : never;
type Bench = ReturnType<typeof recoveryBench>;

async function perform(bench: Bench, given: Act): Promise<void> {
  if (given.do === 'sick')
    return bench.tells(given.target, 'unhealthy', given.failure, given.inCalls ? { inCalls: true } : {});
  if (given.do === 'slow') return bench.tells(given.target, 'degraded');
  if (given.do === 'well') return bench.tells(given.target, 'healthy');
  if (given.do === 'pass') return bench.clock.advance(given.ms);
  if (given.do === 'acknowledge') return bench.acknowledges();
  if (given.do === 'lead') return bench.leads();
  if (given.do === 'lose') return bench.losesLead();
  const outcome = outcomes[given.outcome];
  const { [given.work]: _, ...others } = bench.world.outcomes;
  bench.world.outcomes = outcome ? { ...others, [given.work satisfies WorkName]: outcome } : others;
}

const isUnique = (items: readonly unknown[]): boolean =>
  new Set(items.map((item) => JSON.stringify(item))).size === items.length;

function expectSound(bench: Bench): void {
  const { queue, incidents, measures, trouble, statuses } = bench.state().context;
  const [queued, open] = [queue, incidents].map((items) => items.map((item) => item.target));
  expect(bench.state().status).toBe('active');
  expect([queued, open, measures.map(({ kind, target }) => [kind, target])].map((items) => isUnique(items!))).toEqual([
    true,
    true,
    true,
  ]);
  expect(queued).not.toContain(trouble?.target);
  expect([...queued!, ...open!].filter((each) => statuses[each]?.status === 'healthy')).toEqual([]);
  expect(bench.standing() === 'normal' && measures.length > 0).toBe(false);
  const isFollowing = (bench.state().value as { readonly lead: string }).lead === 'following';
  expect(isFollowing && bench.stance().sipSet === 'backup').toBe(false);
}

test('D8.2 D8.8 whatever happens and whatever helps, its books are sound; once all is well everything is as before', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 25 }), async (acts) => {
      const bench = recoveryBench();
      await bench.clock.settle();
      for (const each of acts) {
        // oxlint-disable-next-line no-await-in-loop
        await perform(bench, each);
        expectSound(bench);
      }
      bench.world.outcomes = {};
      // oxlint-disable-next-line no-await-in-loop
      for (const each of targets) await bench.tells(each, 'healthy');
      await bench.clock.advance(200_000);
      expect(bench.path.at(-1)).toBe('running.monitoring');
      expect(bench.stance()).toMatchObject({
        mode: 'normal',
        livekitHost: 'primary',
        sipSet: 'primary',
        avoid: [],
        limited: [],
      });
      expect(bench.state().context).toMatchObject({ queue: [], incidents: [], measures: [] });
    }),
    { numRuns: 60 },
  );
});
