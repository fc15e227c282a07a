import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createRedisAlertClaims } from '../../../src/adapters/redis/alert-claims.ts';
import type { AlertMessage } from '../../../src/actors/alert-courier.ts';
import type { Failure } from '../../../src/failure.ts';
import type { AlertClaims } from '../../../src/runtime/alert-claims.ts';
import { Secret } from '../../../src/secret.ts';
import { type RunningRedis, startRedis } from '../../../tools/services/redis.ts';
import { alertBench, saidIn } from '../../support/alert-bench.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const down = { kind: 'target_status', target: 'deepgram', severity: 'critical', summary: 'down' } as const;
const dead: Failure = { vendor: 'alert-webhook', phase: 'rest', class: 'network', retryable: true, message: 'dead' };

describe('alerts of instances on one Redis', () => {
  let server: RunningRedis;
  let claims: AlertClaims[];
  const ready = async (each: AlertClaims) => {
    // Each takes what it likes until it is connected.
    const name = `ready ${claims.indexOf(each)}`;
    await expect
      .poll(async () => [await each.take(name), await each.told([name], ['x'], 60_000), await each.take(name)])
      .toContain('told');
  };
  beforeAll(async () => void (server = await startRedis()));
  afterAll(() => server.stop());
  beforeEach(async () => {
    claims = [1, 2].map(() => createRedisAlertClaims({ url: new Secret(server.url) }));
    await Promise.all(claims.map(ready));
  });
  afterEach(() => Promise.all(claims.map((each) => each.close())));

  test('D5.4 one tells what all see; when it cannot another does; an end that comes back is told again', async () => {
    const [here, there] = claims as [AlertClaims, AlertClaims];
    expect([await here.take('a open'), await there.take('a open')]).toEqual(['mine', 'taken']);
    await here.release('a open');
    expect([await there.take('a open'), await here.take('a open')]).toEqual(['mine', 'taken']);
    await here.release('a open');
    await there.told(['a open', 'a milder'], ['a resolved'], 60_000);
    expect(await here.take('a milder')).toBe('told');
    expect([await here.take('a open'), await there.take('a open')]).toEqual(['told', 'told']);
    await here.take('a resolved');
    await here.told(['a resolved'], ['b'], 60_000);
    await there.told(['a open'], ['a resolved'], 60_000);
    expect(await here.take('a resolved')).toBe('mine');
  });

  test('D5.4 of two instances one sends what both raise, and each what is its own', async () => {
    const sent: string[] = [];
    const courier = (name: string, answer?: Failure) => ({
      async post({ body }: AlertMessage) {
        if (!answer) sent.push(...saidIn(body).data.alerts.map(({ kind }: { kind: string }) => `${name} ${kind}`));
        return answer;
      },
    });
    const clock = createVirtualClock(1_800_000_000_000);
    const benches = [
      alertBench({ clock, courier: courier('cut off', dead), claims: claims[0]!, instance: 'cut off' }),
      alertBench({ clock, courier: courier('other'), claims: claims[1]!, instance: 'other' }),
    ];
    for (const { alerting } of benches) {
      alerting.raise({ ...down, target: 'groq' });
      alerting.raise({ ...down, kind: 'cpu', target: 'instance' });
    }
    const told = Promise.withResolvers<void>();
    benches[1]!.alerting.news.listen(({ kind, change }) => {
      if (change === 'delivered' && kind === 'target_status') told.resolve();
    });
    const ticking = setInterval(() => void clock.advance(1000), 5);
    await told.promise;
    clearInterval(ticking);
    expect(sent.toSorted()).toEqual(['other cpu', 'other target_status']);
    await Promise.all(benches.map(({ alerting }) => alerting.close()));
  });

  test('D5.4 one that gets worse is told at once though it was told before, and then by no other', async () => {
    const sent: string[] = [];
    const courier = {
      async post({ body }: AlertMessage) {
        sent.push(...saidIn(body).data.alerts.map(({ severity }: { severity: string }) => severity));
        return undefined;
      },
    };
    const clock = createVirtualClock(1_800_000_000_000);
    const [first, second] = claims.map((each) => alertBench({ clock, courier, claims: each }));
    const quiet = async () => {
      for (let second = 0; second < 20; second += 1) {
        // oxlint-disable-next-line no-await-in-loop
        await clock.advance(1000);
        // Redis answers in real time: whatever was asked before has been answered by then.
        // oxlint-disable-next-line no-await-in-loop
        await claims[0]!.take('in between');
      }
    };
    first!.alerting.raise({ ...down, target: 'openai', severity: 'warning' });
    await quiet();
    first!.alerting.raise({ ...down, target: 'openai' });
    await quiet();
    second!.alerting.raise({ ...down, target: 'openai', severity: 'warning' });
    second!.alerting.raise({ ...down, target: 'openai' });
    await quiet();
    expect(sent).toEqual(['warning', 'critical']);
    await Promise.all([first, second].map((each) => each!.alerting.close()));
  });

  test('D5.4 while Redis is away each tells by itself', async () => {
    const other = await startRedis();
    const alone = createRedisAlertClaims({ url: new Secret(other.url) });
    await other.stop();
    expect(await alone.take('a open')).toBe('mine');
    await alone.told(['a open'], ['a resolved'], 1000);
    await alone.release('a open');
    await alone.close();
  });
});
