import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/secret.ts';
import { judgeTimes, type TokenClaims } from '../../src/token.ts';
import { broken, canary, tokenBench } from '../support/token-harness.ts';
import { tokenInput, viewer } from '../support/token-walk.ts';

const input = tokenInput(['canSubscribe']);
const minutes = (count: number) => count * 60_000;

const never = () => new Promise<never>(() => undefined);
const longPast = async (claims: TokenClaims) => ({ ...claims, iat: 100, nbf: 100, exp: 700 });

async function begun(given = input) {
  const bench = tokenBench(given);
  await bench.clock.settle();
  return bench;
}

async function followed() {
  const bench = await begun();
  bench.send('client.attached');
  return bench;
}

describe('the life of a token, state by state as diagram 6 has it', () => {
  it('D6.1 S1 it is generated, its claims are set one after the other, and it is signed', async () => {
    const { path, signed } = await begun();
    expect(path.filter((state) => state.startsWith('creating'))).toEqual([
      'creating.generating',
      'creating.settingClaims.issuer',
      'creating.settingClaims.subject',
      'creating.settingClaims.expiration',
      'creating.settingClaims.grants',
      'creating.signing',
    ]);
    expect(signed).toEqual([
      {
        iss: 'key',
        sub: 'ada',
        iat: 1000,
        nbf: 1000,
        exp: 1600,
        jti: 't1',
        video: {
          roomJoin: true,
          room: 'voice-ai-call-1',
          canSubscribe: true,
          canPublish: false,
          canPublishData: false,
        },
      },
    ]);
  });

  it('D6.2 S1 signature, expiration and grants are checked before it is in use', async () => {
    const { path } = await begun();
    expect(path.slice(path.indexOf('creating.signing') + 1)).toEqual([
      'validating.signature',
      'validating.expiration',
      'validating.grants',
      'active.inUse',
    ]);
  });

  it('D6.2 S1 a signature that does not fit ends it', async () => {
    const refusal = { fault: 'signature', code: 'signature_wrong', message: 'wrong' } as const;
    const bench = tokenBench(input, { read: () => Promise.resolve(refusal) });
    await bench.clock.settle();
    expect(bench.state().value).toEqual({ invalid: 'signature' });
    expect(bench.state().context.refusal).toEqual(refusal);
    expect(bench.state().hasTag('over')).toBe(true);
  });

  it('D6.2 S1 one that has expired is refreshed, not refused', async () => {
    const bench = tokenBench(input, { read: longPast });
    await bench.clock.settle();
    expect(bench.path.slice(bench.path.indexOf('validating.expiration'))).toEqual([
      'validating.expiration',
      'refreshing.generatingNew.drawing',
      'refreshing.generatingNew.signing',
      'refreshing.invalidatingOld',
      'refreshing.updatingClient',
      'active.inUse',
    ]);
    expect(bench.signed.map(({ jti, exp }) => [jti, exp])).toEqual([
      ['t1', 1600],
      ['t2', 1600],
    ]);
  });

  it('D6.2 S1 one that does not allow what it is for ends it, and says what is missing', async () => {
    const { state } = await begun(tokenInput(['canPublish', 'roomAdmin']));
    expect(state().value).toEqual({ invalid: 'grants' });
    expect(state().context.refusal).toMatchObject({
      fault: 'grants',
      message: expect.stringMatching(/canPublish, roomAdmin/),
    });
  });

  it('what cannot be signed, or not in time, is no token', async () => {
    for (const sign of [() => Promise.resolve(broken), () => new Promise<never>(() => undefined)]) {
      const bench = tokenBench(input, { sign });
      // oxlint-disable-next-line no-await-in-loop
      await bench.clock.advance(2000);
      expect(bench.state().value).toEqual({ invalid: 'signature' });
    }
  });

  it('D6.3 D6.4 R1.5 R6.5 S1 at 80 % of its life a new one is made, the old one refused and the client told', async () => {
    const bench = await followed();
    await bench.clock.advance(minutes(8) - 1);
    expect(bench.signed).toHaveLength(1);
    await bench.clock.advance(1);
    expect(bench.path.slice(bench.path.indexOf('active.inUse'))).toEqual([
      'active.inUse',
      'active.autoRefreshing',
      'refreshing.generatingNew.drawing',
      'refreshing.generatingNew.signing',
      'refreshing.invalidatingOld',
      'refreshing.updatingClient',
      'active.inUse',
    ]);
    expect(bench.withdrawn).toEqual(['superseded']);
    const [old, fresh] = bench.signed;
    expect(fresh).toEqual({ ...old, iat: 1480, nbf: 1480, exp: 2080, jti: 't2' });
  });

  it('D6.3 R6.5 in a day of being followed none is ever 10 minutes old', async () => {
    const bench = await followed();
    for (let minute = 0; minute < 24 * 60; minute += 1) {
      // oxlint-disable-next-line no-await-in-loop
      await bench.clock.advance(minutes(1));
      expect(bench.clock.now() / 1000 - bench.signed.at(-1)!.iat).toBeLessThan(600);
    }
    expect(bench.signed).toHaveLength(181);
  });

  it('a token nobody follows lives out its life, with the leeway that LiveKit gives it', async () => {
    const bench = await begun();
    await bench.clock.advance(minutes(11) - 1);
    expect(bench.state().value).toEqual({ active: 'inUse' });
    expect(judgeTimes(bench.signed[0]!, bench.clock.now())).toBeUndefined();
    await bench.clock.advance(1);
    expect(bench.state().value).toBe('expired');
    expect(judgeTimes(bench.signed[0]!, bench.clock.now())?.code).toBe('expired');
    expect(bench.signed).toHaveLength(1);
  });

  it('who comes back late gets a new one at once', async () => {
    const bench = await followed();
    bench.send('client.detached');
    await bench.clock.advance(minutes(9));
    expect(bench.signed).toHaveLength(1);
    bench.send('client.attached');
    await bench.clock.settle();
    expect(bench.signed).toHaveLength(2);
    expect(bench.state().value).toEqual({ active: 'inUse' });
  });

  it('a refresh that fails is tried again every second until the old token has ended', async () => {
    const bench = await followed();
    bench.world.sign = () => Promise.resolve(broken);
    await bench.clock.advance(minutes(8) + 1500);
    expect(bench.state().value).toEqual({ refreshing: 'waiting' });
    expect(bench.signed).toHaveLength(3);
    bench.world.sign = () => Promise.resolve(new Secret(canary));
    await bench.clock.advance(1000);
    expect(bench.state().value).toEqual({ active: 'inUse' });
  });

  it('a refresh that goes on failing ends with the token', async () => {
    const bench = await followed();
    bench.world.sign = () => Promise.resolve(broken);
    await bench.clock.advance(minutes(11));
    expect(bench.state().value).toBe('expired');
  });

  it('a client that does not take the new token holds up nothing', async () => {
    const bench = await followed();
    bench.world.deliver = () => new Promise(() => undefined);
    await bench.clock.advance(minutes(8));
    expect(bench.state().value).toEqual({ refreshing: 'updatingClient' });
    await bench.clock.advance(5000);
    expect(bench.state().value).toEqual({ active: 'inUse' });
  });

  it('a short life is refreshed at 80 % of it, and ends with the same leeway', async () => {
    const bench = await begun({ ...input, request: { ...viewer, lifeSeconds: 30 } });
    bench.send('client.attached');
    await bench.clock.advance(24_000);
    expect(bench.signed.map(({ iat, exp }) => exp - iat)).toEqual([30, 30]);
    bench.send('client.detached');
    await bench.clock.advance(90_000);
    expect(bench.state().value).toBe('expired');
  });
});

describe('revoking a token', () => {
  const who = { room: 'voice-ai-call-1', identity: 'ada' };

  it('D6.3 S1 it is refused by us at once and its owner put out of the room', async () => {
    const bench = await begun();
    bench.send('token.revoke');
    await bench.clock.settle();
    expect(bench.withdrawn).toEqual(['revoked']);
    expect(bench.removals).toEqual([{ atMs: bench.clock.now(), ...who }]);
    expect(bench.state().value).toEqual({ revoked: 'barred' });
  });

  it('in every state of its life', async () => {
    const [signing, reading] = [tokenBench(input, { sign: never }), tokenBench(input, { read: never })];
    const waiting = await followed();
    waiting.world.sign = () => Promise.resolve(broken);
    await waiting.clock.advance(minutes(8));
    await Promise.all([signing, reading].map(({ clock }) => clock.settle()));
    const before = [signing, reading, waiting].map(({ state }) => Object.keys(state().value)[0]);
    expect(before).toEqual(['creating', 'validating', 'refreshing']);
    for (const bench of [signing, reading, waiting]) {
      bench.send('token.revoke');
      // oxlint-disable-next-line no-await-in-loop
      await bench.clock.settle();
      expect(bench.state().value).toEqual({ revoked: 'barred' });
    }
  });

  it('after each join again, until no token is valid any more: also not one that LiveKit gave at the join', async () => {
    const bench = await begun();
    bench.send('token.revoke');
    for (let join = 1; join <= 3; join += 1) {
      // oxlint-disable-next-line no-await-in-loop
      await bench.clock.advance(minutes(10));
      bench.send('participant.joined');
      // oxlint-disable-next-line no-await-in-loop
      await bench.clock.settle();
      expect(bench.removals).toHaveLength(join + 1);
    }
    await bench.clock.advance(minutes(11) - 1);
    expect(bench.state().value).toEqual({ revoked: 'barred' });
    await bench.clock.advance(1);
    expect(bench.state().value).toEqual({ revoked: 'lifted' });
    expect(bench.state().hasTag('over')).toBe(true);
  });

  it('a removal that fails is tried again within the second, and later given up until the next join', async () => {
    const bench = await begun();
    bench.world.remove = () => Promise.resolve(broken);
    const revokedAt = bench.clock.now();
    bench.send('token.revoke');
    await bench.clock.advance(1000);
    expect(bench.removals.map(({ atMs }) => atMs - revokedAt)).toEqual([0, 200, 400, 600]);
    expect(bench.state().value).toEqual({ revoked: 'barred' });
    bench.world.remove = () => Promise.resolve(undefined);
    bench.send('participant.joined');
    await bench.clock.settle();
    expect(bench.removals).toHaveLength(5);
  });

  it('a join while a removal is under way is met by another', async () => {
    const bench = await begun();
    bench.world.remove = () => new Promise(() => undefined);
    bench.send('token.revoke');
    await bench.clock.settle();
    bench.send('participant.joined');
    await bench.clock.settle();
    expect(bench.removals).toHaveLength(2);
  });
});

it('neither the token nor a secret is in what a machine would save', async () => {
  const bench = await followed();
  await bench.clock.advance(minutes(8));
  expect(bench.saved()).toContain('voice-ai-call-1');
  expect(bench.saved()).not.toContain(canary);
});
