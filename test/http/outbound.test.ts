import { expect, test } from 'vitest';
import { createMemoryLog } from '../../src/adapters/memory/call-log.ts';
import { createMemoryStore } from '../../src/adapters/memory/call-store.ts';
import { createMemoryDials } from '../../src/adapters/memory/dial-store.ts';
import { systemClock } from '../../src/clock.ts';
import { outboundRoutes } from '../../src/http/outbound.ts';
import type { CallQueue } from '../../src/runtime/call-queue.ts';
import type { CallStore } from '../../src/runtime/call-store.ts';
import type { DialStore } from '../../src/runtime/dial-store.ts';
import {
  createOutbound,
  type Outbound,
  type OutboundAnswer,
  type OutboundRequest,
} from '../../src/runtime/outbound.ts';
import { doorOf } from '../support/door.ts';

const body = { agent: 'receptionist', to: '+4930123456', input: { guest: 'Ms Weber' } };

/** The door, before an instance that answers so. */
function doorTo(answer: OutboundAnswer) {
  const asked: OutboundRequest[] = [];
  const call = async (request: OutboundRequest) => {
    asked.push(request);
    return answer;
  };
  return { asked, post: postTo({ call }) };
}

function postTo(outbound: Outbound) {
  const door = doorOf(outboundRoutes({ outbound }));
  return async (sent: unknown, key: string | undefined = 'a-key-of-this-test-1') => {
    const headers = { host: '127.0.0.1:8081', 'content-type': 'application/json' };
    const response = await door.request('/v1/calls', {
      method: 'POST',
      body: typeof sent === 'string' ? sent : JSON.stringify(sent),
      headers: { ...headers, ...(key === '' ? {} : { 'idempotency-key': key }) },
    });
    return {
      status: response.status,
      body: (await response.json()) as Record<string, string>,
      headers: response.headers,
    };
  };
}

/** An instance that keeps its calls in this store; its queue does as told. */
function instanceOver(store: CallStore, dials: DialStore, enqueue: CallQueue['enqueue']): Outbound {
  const config = { allow: ['+49'], trunk: 'ST_1', concurrent: 2, dailyMinutes: 60 };
  return createOutbound({
    config,
    agents: ['receptionist'],
    roomPrefix: 'voice-ai-call',
    dials,
    queue: { enqueue },
    log: createMemoryLog(),
    clock: systemClock,
    stopping: new AbortController().signal,
    unlisted: () => undefined,
  });
}

const dialing: OutboundAnswer = { is: 'dialing', callKey: 'voice-ai-call-out-1~out-1' };

test('R3.4 a call is taken, and says where it is told of', async () => {
  const { post, asked } = doorTo(dialing);
  expect(await post(body)).toMatchObject({
    status: 202,
    body: {
      id: 'voice-ai-call-out-1~out-1',
      state: 'dialing',
      events: '/v1/calls/voice-ai-call-out-1~out-1/events',
    },
  });
  expect(asked).toEqual([{ ...body, ringMs: 30_000, name: '["test","a-key-of-this-test-1"]' }]);
});

test('R3.4 the same key with the same body is the same call, also when the process died over the first; another body is refused', async () => {
  const store = createMemoryStore({ clock: systemClock });
  const dials = createMemoryDials({ store, clock: systemClock });
  const dies = postTo(instanceOver(store, dials, () => Promise.reject(new Error('died'))));
  expect(await dies(body)).toMatchObject({ status: 503, body: { code: 'unavailable' } });
  const post = postTo(instanceOver(store, dials, async () => 'queued'));
  const [first, again] = [await post(body), await post(body)];
  const open = await store.list();
  expect(open).toHaveLength(1);
  const dialled = { status: 202, body: { id: open[0]!.callKey } };
  expect([first, again]).toMatchObject([dialled, dialled]);
  expect(await post({ ...body, to: '+4930999' })).toMatchObject({
    status: 422,
    body: { code: 'idempotency_key_reused' },
  });
});

test.each(['', 'short', 'with spaces in between'])(
  'bad input: a call with the key %j is refused, since it might be made twice',
  async (key) => {
    const { post, asked } = doorTo(dialing);
    expect(await post(body, key)).toMatchObject({ status: 400, body: { field: 'Idempotency-Key' } });
    expect(asked).toEqual([]);
  },
);

test.each([
  [{ ...body, to: '030123456' }, 'to', 'country code'],
  [{ ...body, to: 'tel:+49301' }, 'to', 'country code'],
  [{ ...body, to: undefined }, 'to', ''],
  [{ ...body, from: 'me' }, 'from', 'country code'],
  [{ ...body, agent: '' }, 'agent', 'name of an agent'],
  [{ ...body, ringMs: 1_500 }, 'ringMs', '5000 to 80000'],
  [{ ...body, ringMs: 90_000 }, 'ringMs', '5000 to 80000'],
  [{ ...body, ringMs: '30' }, 'ringMs', 'whole number'],
  [{ ...body, input: 'x'.repeat(8_000) }, 'input', '8000 characters'],
  [{ ...body, webhook: 'x' }, 'body', 'webhook'],
])('bad input: %j names %s', async (sent, field, words) => {
  const { post, asked } = doorTo(dialing);
  const refused = await post(sent);
  expect(refused).toMatchObject({ status: 400, body: { code: 'invalid', field } });
  expect(refused.body.title).toContain(words);
  expect(asked).toEqual([]);
});

test('bad input: an input that is nested very deeply is refused, too', async () => {
  const { post, asked } = doorTo(dialing);
  const sent = `{"agent":"receptionist","to":"+49301","input":${'['.repeat(8_100)}${']'.repeat(8_100)}}`;
  expect(await post(sent)).toMatchObject({ status: 400, body: { code: 'invalid', field: 'input' } });
  expect(asked).toEqual([]);
});

test.each<[OutboundAnswer, number, string, string]>([
  [{ is: 'off' }, 403, 'outbound_off', 'OUTBOUND_ALLOW'],
  [{ is: 'not_allowed', allow: ['+49', '+43'] }, 403, 'number_not_allowed', '+49 or +43'],
  [{ is: 'agent_unknown', agents: ['receptionist'] }, 422, 'agent_unknown', 'receptionist'],
  [{ is: 'other' }, 422, 'idempotency_key_reused', 'new key'],
  [{ is: 'busy', concurrent: 2 }, 429, 'outbound_busy', 'OUTBOUND_CONCURRENT'],
])('R3.4 %j is refused with how to mend it', async (answer, status, code, fix) => {
  const refused = await doorTo(answer).post(body);
  expect(refused).toMatchObject({ status, body: { code } });
  expect(refused.body.fix).toContain(fix);
});

test('R3.4 R9.5 when the minutes of the day are spent it is told when to come again', async () => {
  const refused = await doorTo({ is: 'spent', minutes: 60, retryAfterMs: 3_599_001 }).post(body);
  expect(refused).toMatchObject({
    status: 429,
    body: { code: 'outbound_spent', title: expect.stringContaining('60') },
  });
  expect(refused.headers.get('retry-after')).toBe('3600');
});
