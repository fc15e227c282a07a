import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TokenSigner } from '../../src/actors/token-signer.ts';
import { createTokenSigner } from '../../src/adapters/jose/token-signer.ts';
import { createMemoryTokenRegister } from '../../src/adapters/memory/token-register.ts';
import { tokenRoutes } from '../../src/http/tokens.ts';
import { createTokenDesk, type HostedTokenDesk } from '../../src/runtime/token-desk.ts';
import type { RegisterNews, TokenRegister } from '../../src/runtime/token-register.ts';
import type { TokenRequest } from '../../src/token.ts';
import { credentialMachine } from '../../src/wiring/tokens.ts';
import { doorOf } from '../support/door.ts';
import { ringOf } from '../support/keys.ts';
import { createVirtualClock, type VirtualClock } from '../support/virtual-clock.ts';

const minutes = (count: number) => count * 60_000;
const ada: TokenRequest = { room: 'voice-ai-call-1', identity: 'ada', preset: 'viewer' };
const signer = createTokenSigner(ringOf(['devkey', 'canary-secret-0123456789-0123456789']));
/** Signatures that are being made, by threads of their own: on a busy machine these take real time while the virtual one goes on. */
const signing = new Set<Promise<unknown>>();
const watchedSigner: TokenSigner = {
  get apiKey() {
    return signer.apiKey;
  },
  sign: (claims) => watched(signer.sign(claims)),
  read: (token) => watched(signer.read(token)),
};

/** One of several instances: its desk, whom it put out, and its way to the register, which can be cut. */
interface Instance {
  readonly desk: HostedTokenDesk;
  readonly removed: string[];
  /** Whose revoked token was used. */
  readonly reused: string[];
  cut(isCut: boolean): void;
  status(path: string, init?: RequestInit): Promise<unknown>;
}

let clock: VirtualClock;
let shared: TokenRegister;
let here: Instance;
let there: Instance;
let opened: Instance[];

beforeEach(() => {
  clock = createVirtualClock(1_800_000_000_000);
  shared = createMemoryTokenRegister(clock);
  opened = [];
  [here, there] = [open('here'), open('there')];
});
afterEach(() => opened.forEach(({ desk }) => desk.close()));

function open(name: string): Instance {
  const removed: string[] = [];
  const reused: string[] = [];
  let ids = 0;
  const newId = () => `${name}-${(ids += 1)}`;
  const participants = {
    async remove({ identity }: { readonly identity: string }) {
      removed.push(identity);
      return undefined;
    },
  };
  const { register, cut } = cuttable(shared);
  const machineOf = credentialMachine({ signer: watchedSigner, participants, newId, clock });
  const desk = createTokenDesk({
    signer,
    register,
    newId,
    clock,
    machineOf,
    reused: ({ identity }) => reused.push(identity),
  });
  const door = doorOf(
    tokenRoutes({
      desk,
      rooms: { prefix: 'voice-ai-call', declared: [] },
      livekitUrl: () => 'wss://livekit.example',
      clock,
    }),
  );
  const status = async (path: string, init: RequestInit = {}) => {
    const headers = { host: '127.0.0.1', 'content-type': 'application/json' };
    const response = await door.request(`/v1/tokens${path}`, { ...init, headers });
    const text = await response.text();
    return [response.status, text === '' ? undefined : JSON.parse(text).code];
  };
  const instance = { desk, removed, reused, cut, status };
  opened.push(instance);
  return instance;
}

function watched<Value>(work: Promise<Value>): Promise<Value> {
  signing.add(work);
  void work.finally(() => signing.delete(work));
  return work;
}

/** Time passes in steps that are short beside every deadline, and waits for signatures. */
async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 500) {
    // oxlint-disable-next-line no-await-in-loop
    await clock.advance(500);
    // oxlint-disable-next-line no-await-in-loop
    while (signing.size > 0) await Promise.all(signing).then(clock.settle);
  }
}

/** A register that can be out of reach: it rejects then, hears nothing, and says so when it is back. */
function cuttable(register: TokenRegister) {
  let isCut = false;
  const heard = new Set<RegisterNews>();
  const through =
    <Args extends unknown[], Answer>(verb: (...args: Args) => Promise<Answer>) =>
    async (...args: Args): Promise<Answer> => {
      if (isCut) throw new Error('ECONNREFUSED');
      return verb(...args);
    };
  const own: TokenRegister = {
    enrol: through(register.enrol),
    find: through(register.find),
    bar: through(register.bar),
    isBarred: through(register.isBarred),
    supersede: through(register.supersede),
    standing: through(register.standing),
    watch(news) {
      heard.add(news);
      return register.watch({ barred: (name) => !isCut && news.barred(name), missed: news.missed });
    },
    close: register.close,
  };
  const cut = (now: boolean) => {
    isCut = now;
    if (!now) heard.forEach(({ missed }) => missed());
  };
  return { register: own, cut };
}

const issue = async ({ desk }: Instance, request: TokenRequest = ada) => {
  const issued = await desk.issue(request);
  if (typeof issued === 'string') throw new Error(issued);
  return issued;
};
const verdict = async ({ desk }: Instance, token: string) => {
  const found = await desk.check(token, { rights: ['roomJoin'], room: ada.room });
  return 'code' in found ? found.code : 'valid';
};
const verdicts = (token: string) => Promise.all(opened.map((each) => verdict(each, token)));
const revoke = (instance: Instance, id: string) => instance.status(`/${id}`, { method: 'DELETE' });
/** The webhook of a join lands at one instance. */
const joins = async ({ desk }: Instance, identity = 'ada') => {
  desk.joined({ room: ada.room, identity });
  await clock.settle();
};

test('R8.5 a token that is used after its name was revoked is told: shown for a check, or joined with', async () => {
  const { id, token } = await issue(here);
  expect(await verdict(there, token)).toBe('valid');
  await joins(there);
  expect([here.reused, there.reused]).toEqual([[], []]);
  await revoke(here, id);
  expect(await verdict(there, token)).toBe('revoked');
  await joins(there);
  expect([here.reused, there.reused]).toEqual([[], ['ada', 'ada']]);
});

describe('D6.3 D6.4 two instances that share a register', () => {
  test('what one issued is good at both, and what one superseded at none', async () => {
    const { id, token } = await issue(here);
    expect(await verdicts(token)).toEqual(['valid', 'valid']);
    const follow = await here.desk.follow(id, 0);
    if (typeof follow === 'string') throw new Error(follow);
    const news = follow(new AbortController().signal)[Symbol.asyncIterator]();
    await news.next();
    const second = news.next();
    await pass(minutes(8));
    expect(await verdicts(token)).toEqual(['superseded', 'superseded']);
    const { value } = await second;
    expect('token' in value && (await verdicts(value.token))).toEqual(['valid', 'valid']);
  });

  test.each([
    ['where it was issued', () => here],
    ['at the other instance', () => there],
  ])(
    'revoked %s, a token is refused by both, its owner put out at once and after each join wherever that lands',
    async (_, at) => {
      const { id, token } = await issue(here);
      expect(await revoke(at(), id)).toEqual([204, undefined]);
      await clock.settle();
      expect(await verdicts(token)).toEqual(['revoked', 'revoked']);
      expect(here.removed).toEqual(['ada']);
      for (const instance of [there, here, there]) {
        const before = instance.removed.length;
        // oxlint-disable-next-line no-await-in-loop
        await joins(instance);
        expect(instance.removed.length).toBe(before + 1);
      }
      await joins(there, 'bob');
      expect(there.removed).not.toContain('bob');
      expect(await Promise.all(opened.map(({ desk }) => desk.issue(ada)))).toEqual(['barred', 'barred']);
      expect(await revoke(at(), id)).toEqual([204, undefined]);
    },
  );

  test('who follows where it was issued is told, though it was revoked elsewhere', async () => {
    const { id } = await issue(here);
    const follow = await here.desk.follow(id, 0);
    if (typeof follow === 'string') throw new Error(follow);
    const news = follow(new AbortController().signal)[Symbol.asyncIterator]();
    await news.next();
    const next = news.next();
    await revoke(there, id);
    expect((await next).value).toEqual({ seq: 2, ended: 'revoked' });
  });

  test('a token of the same name that another instance issued is refused with it', async () => {
    const { id } = await issue(here);
    const twin = await issue(there);
    await revoke(here, id);
    expect(await verdicts(twin.token)).toEqual(['revoked', 'revoked']);
    expect(there.removed).toEqual(['ada']);
  });

  test('the bar lifts for all eleven minutes after the last join, wherever that was', async () => {
    const { id } = await issue(here);
    await revoke(here, id);
    await clock.advance(minutes(10));
    await joins(there);
    await clock.advance(minutes(10));
    await joins(here);
    expect([here.removed.length, there.removed.length, await here.desk.issue(ada)]).toEqual([2, 1, 'barred']);
    await clock.advance(minutes(11));
    await Promise.all([joins(here), joins(there)]);
    expect([here.removed.length, there.removed.length]).toEqual([2, 1]);
    await issue(there);
  });

  test('an instance that began after it was revoked meets the join too', async () => {
    const { id, token } = await issue(here);
    await revoke(here, id);
    const later = open('later');
    expect([await verdict(later, token), await later.desk.issue(ada)]).toEqual(['revoked', 'barred']);
    await joins(later);
    expect(later.removed).toEqual(['ada']);
  });

  test('the stream of a credential is where it was issued, and the others say so', async () => {
    const { id } = await issue(here);
    expect(await there.status(`/${id}/stream`)).toEqual([421, 'token_elsewhere']);
    expect(await there.status('/nobody/stream')).toEqual([404, 'token_unknown']);
    expect(await revoke(there, 'nobody')).toEqual([404, 'token_unknown']);
  });
});

const check = (instance: Instance, token: string) =>
  instance.status('/check', { method: 'POST', body: JSON.stringify({ token, room: ada.room }) });

describe('D6.3 while the register cannot be reached', () => {
  test('nothing is called valid and nothing issued; what is known to be withdrawn is still refused', async () => {
    const { token } = await issue(here);
    const { id, token: old } = await issue(here, { ...ada, identity: 'bob' });
    await revoke(here, id);
    here.cut(true);
    expect(await check(here, token)).toEqual([503, 'unavailable']);
    expect(await verdict(here, old)).toBe('revoked');
    expect(await verdict(here, `${token.slice(0, -4)}AAAA`)).toBe('signature_wrong');
    expect(await here.status('', { method: 'POST', body: JSON.stringify(ada) })).toEqual([503, 'unavailable']);
    expect(await here.status('/x/stream')).toEqual([503, 'unavailable']);
    here.cut(false);
    expect(await verdict(here, token)).toBe('valid');
    await issue(here);
  });

  test('whoever is known to be barred is put out after each join all the same', async () => {
    const { id } = await issue(here);
    await revoke(there, id);
    [here, there].forEach((each) => each.cut(true));
    const before = [here.removed.length, there.removed.length];
    await joins(here);
    await joins(there);
    expect([here.removed.length, there.removed.length]).toEqual(before.map((count) => count + 1));
  });

  test('revoking does what can be done here, says that the others do not know, and can be asked again', async () => {
    const { id, token } = await issue(here);
    here.cut(true);
    expect(await revoke(here, id)).toEqual([503, 'unavailable']);
    expect([here.removed, await verdict(here, token)]).toEqual([['ada'], 'revoked']);
    here.cut(false);
    expect(await verdict(there, token)).toBe('valid');
    expect(await revoke(here, id)).toEqual([204, undefined]);
    expect(await verdict(there, token)).toBe('revoked');
  });

  test('a credential is renewed once it can be reached again', async () => {
    const { id } = await issue(here);
    const follow = await here.desk.follow(id, 1);
    if (typeof follow === 'string') throw new Error(follow);
    const next = follow(new AbortController().signal)[Symbol.asyncIterator]().next();
    here.cut(true);
    await pass(minutes(9));
    here.cut(false);
    await pass(2_000);
    expect((await next).value).toMatchObject({ seq: 2 });
  });

  test('what was barred meanwhile is found when it is back: its credential here gives out nothing more', async () => {
    const { id } = await issue(here);
    const twin = await issue(there);
    const follow = await there.desk.follow(twin.id, 1);
    if (typeof follow === 'string') throw new Error(follow);
    const next = follow(new AbortController().signal)[Symbol.asyncIterator]().next();
    there.cut(true);
    await revoke(here, id);
    await clock.settle();
    expect(there.removed).toEqual([]);
    there.cut(false);
    expect((await next).value).toEqual({ seq: 2, ended: 'revoked' });
    expect(there.removed).toEqual(['ada']);
  });
});
