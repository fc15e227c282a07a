import { beforeEach, describe, expect, test } from 'vitest';
import { createMemoryRecords } from '../../src/adapters/memory/records.ts';
import { createRepeats } from '../../src/http/idempotency.ts';
import type { Caller, Outcome } from '../../src/http/route.ts';
import type { Records } from '../../src/runtime/records.ts';
import { createVirtualClock, type VirtualClock } from '../support/virtual-clock.ts';

const key = '7f3c8a52-3f0e-4c5e-9d0a-1f2b3c4d5e6f';
const ada: Caller = { id: 'ada', name: 'ada', role: 'operator' };
const problem = { status: 409, code: 'busy', title: 'Busy' } as const;

let clock: VirtualClock;
let records: Records;
let made: number;
beforeEach(() => {
  clock = createVirtualClock(1_800_000_000_000);
  records = createMemoryRecords(clock);
  made = 0;
});

interface Sent {
  readonly named?: string | null;
  readonly body?: unknown;
  readonly caller?: Caller;
  readonly path?: string;
  readonly run?: () => Outcome | Promise<Outcome>;
}

const make = (): Outcome => ({ status: 201, body: { made: (made += 1), token: 'canary' } });

const put = (owner: string, count: number) =>
  Promise.all(Array.from({ length: count }, (_, at) => records.put(`${owner}-${String(at).padStart(43, '0')}`, 'x')));

const cut = (): never => {
  throw new Error('cut');
};

/** A request to an instance that was started a moment ago, over the store of this test. */
const send = (
  { named = key, body = { a: 1 }, caller = ada, path = '/v1/things', run = make }: Sent = {},
  repeats = createRepeats(records, clock),
) => {
  const headers: Record<string, string> = named === null ? {} : { 'idempotency-key': named };
  return repeats.once({
    request: new Request(`http://x${path}`, { method: 'POST', headers }),
    caller,
    body,
    run,
  });
};

describe('Idempotency-Key', () => {
  test('the same request is made once, and answered alike, across a restart too', async () => {
    expect(await send()).toEqual({ status: 201, body: { made: 1, token: 'canary' } });
    const headers = { 'idempotency-replayed': 'true' };
    expect(await send()).toEqual({ status: 201, body: { made: 1, token: 'canary' }, headers });
  });

  test('another body, or query, under the same key is refused', async () => {
    await send();
    expect(await send({ body: { a: 2 } })).toMatchObject({ status: 422, code: 'idempotency_key_reused' });
    expect(await send({ path: '/v1/things?by=hand' })).toMatchObject({ status: 422 });
    expect(made).toBe(1);
  });

  test('while the first one runs the second is told so', async () => {
    const repeats = createRepeats(records, clock);
    const gate = Promise.withResolvers<Outcome>();
    const first = send({ run: () => gate.promise }, repeats);
    expect(await send({}, repeats)).toMatchObject({ status: 409, code: 'request_running', retryable: true });
    gate.resolve(make());
    await first;
    expect([await send({}, repeats), made]).toMatchObject([{ status: 201 }, 1]);
  });

  test('what was cut off may have been made: it is not made again for a day', async () => {
    await expect(send({ run: cut })).rejects.toThrow('cut');
    expect(await send()).toMatchObject({ status: 409, code: 'outcome_unknown', retryable: false });
    await clock.advance(24 * 60 * 60_000 + 1);
    expect([await send(), made]).toMatchObject([{ status: 201 }, 1]);
  });

  test('a problem made nothing: the key is free again', async () => {
    expect(await send({ run: () => problem })).toEqual(problem);
    expect([await send(), made]).toMatchObject([{ status: 201 }, 1]);
  });

  test('keys are each caller’s own, and each address’s', async () => {
    await send();
    await send({ caller: { ...ada, id: 'bob' } });
    await send({ path: '/v1/others' });
    expect(made).toBe(3);
  });

  test('without one each request is a new one', async () => {
    await send({ named: null });
    await send({ named: null });
    expect(made).toBe(2);
  });

  test.each(['short', 'x'.repeat(201), 'with spaces in between', ''])('%j is no key', async (named) => {
    expect(await send({ named })).toMatchObject({ status: 400, field: 'Idempotency-Key' });
    expect(made).toBe(0);
  });

  test('R8.1 neither the key nor what was answered can be read in the store', async () => {
    const seen: string[] = [];
    const { add, put } = records;
    records = {
      ...records,
      add: (name, text) => (seen.push(name, text), add(name, text)),
      put: (name, text) => (seen.push(name, text), put(name, text)),
    };
    await send();
    const readable = seen.flatMap((text) => [text, Buffer.from(text, 'base64').toString('latin1')]).join('\n');
    expect([seen.length, readable]).toEqual([4, expect.not.stringMatching(/canary|7f3c8a52/)]);
  });

  describe('places for names', () => {
    const full = { status: 503, code: 'repeats_full', retryAfterSeconds: 60 };

    test('when no more can be remembered, nothing is made', async () => {
      for (const owner of ['a', 'b', 'c', 'd', 'e', 'f']) await put(owner, 1_700);
      expect([await send(), made]).toMatchObject([full, 0]);
    });

    test('who names very many takes no place from others', async () => {
      const repeats = createRepeats(records, clock);
      await put('ada', 1_999);
      expect(await send({}, repeats)).toMatchObject({ status: 201 });
      expect(await send({ named: `${key}-2` }, repeats)).toMatchObject(full);
      expect(await send({ caller: { ...ada, id: 'bob' } }, repeats)).toMatchObject({ status: 201 });
    });

    test('what was refused keeps no place', async () => {
      const repeats = createRepeats(records, clock);
      await put('ada', 1_999);
      for (const at of [1, 2, 3]) await send({ named: `${key}-${at}`, run: () => problem }, repeats);
      expect(await send({}, repeats)).toMatchObject({ status: 201 });
    });

    test('all records are looked at once a minute, however many are refused; what expired makes room', async () => {
      let sweeps = 0;
      const { sweep } = records;
      records = { ...records, sweep: (before) => ((sweeps += 1), sweep(before)) };
      const repeats = createRepeats(records, clock);
      await put('ada', 2_000);
      await clock.advance(24 * 60 * 60_000 - 30_000);
      const sent = await Promise.all([1, 2, 3].map((at) => send({ named: `${key}-${at}` }, repeats)));
      expect([sent, await send({}, repeats), sweeps]).toMatchObject([[full, full, full], full, 1]);
      await clock.advance(60_000);
      expect([await send({}, repeats), sweeps]).toMatchObject([{ status: 201 }, 2]);
    });
  });
});
