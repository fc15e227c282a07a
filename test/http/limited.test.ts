import { expect, test } from 'vitest';
import { callRoutes } from '../../src/http/calls.ts';
import { egressRoutes } from '../../src/http/egress.ts';
import { ingressRoutes } from '../../src/http/ingress.ts';
import { documentOf } from '../../src/http/openapi.ts';
import { outboundRoutes } from '../../src/http/outbound.ts';
import { calmPosture, type LimitableOperation } from '../../src/posture.ts';
import type { Calls } from '../../src/runtime/calls.ts';
import { createLimits } from '../../src/runtime/limits.ts';
import { createRoomBook } from '../../src/runtime/own-rooms.ts';
import { ask } from '../support/control-door.ts';
import { doorOf } from '../support/door.ts';
import { createEgressBed } from '../support/egress-bed.ts';
import { createFakeIngresses } from '../support/fakes/fake-ingresses.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const key = { 'idempotency-key': 'a-key-of-this-test-1' };
const own = { prefix: 'voice-ai-call', declared: ['streaming-room'] };
const asking = {
  outbound: ['/v1/calls', { agent: 'receptionist', to: '+4930123456' }],
  egress: ['/v1/egress', { kind: 'room', room: 'streaming-room', outputs: [{ type: 'mp4' }] }],
  ingress: ['/v1/ingress', { input: 'rtmp', name: 'obs', room: 'streaming-room', identity: 'streamer' }],
  transfers: ['/v1/calls/call-1/commands', { type: 'transfer', to: 'desk' }],
} as const;
const operations = Object.keys(asking) as (keyof typeof asking)[];

async function opened(limited: readonly LimitableOperation[]) {
  const clock = createVirtualClock(1_000_000);
  const book = createRoomBook({ own, callsIn: async () => [] });
  const egresses = await createEgressBed().open();
  const calls = { command: async () => 'taken' } as unknown as Calls;
  const routes = [
    ...callRoutes({ calls, clock }),
    ...egressRoutes({ egresses, book }),
    ...ingressRoutes({ ...createFakeIngresses(), book, rules: { rooms: own, sources: { hosts: [] } } }),
    ...outboundRoutes({ outbound: { call: async () => ({ is: 'dialing', callKey: 'call-2' }) } }),
  ];
  const limits = createLimits({ now: () => ({ ...calmPosture, since: clock.now() - 20_000, limited }) }, clock);
  const door = doorOf(routes, { limits });
  return {
    routes,
    ask: ([path, body]: readonly [string, unknown]) => ask(door, 'POST', path, body, key),
    door,
  };
}

test.each(operations)(
  'D1.6 %s alone is refused when recovery has switched it off: what, by whom and until when',
  async (operation) => {
    const { door, ask: asked } = await opened([operation]);
    const [path, body] = asking[operation];
    const response = await door.request(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { host: '127.0.0.1:8081', 'content-type': 'application/json', ...key },
    });
    expect([response.status, response.headers.get('retry-after'), await response.json()]).toEqual([
      503,
      '40',
      expect.objectContaining({
        code: 'limited',
        title: `Not done: recovery has switched ${operation} off for now, to keep calls going`,
        fix: expect.stringContaining('GET /v1/recovery'),
      }),
    ]);
    for (const other of operations.filter((each) => each !== operation))
      // oxlint-disable-next-line no-await-in-loop
      expect((await asked(asking[other])).status, other).toBeLessThan(300);
  },
);

test('D1.6 a call may still be told to say something when nobody is put through', async () => {
  const { ask: asked } = await opened(['transfers']);
  expect((await asked([asking.transfers[0], { type: 'say', text: 'Hello' }])).status).toBe(202);
});

test('D1.6 the document says which requests recovery may switch off', async () => {
  const { paths } = documentOf((await opened([])).routes);
  const limitable = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { responses }]) =>
      responses[503]?.description.includes('`limited`') ? [`${method} ${path}`] : [],
    ),
  );
  expect(limitable.toSorted()).toEqual([
    'post /v1/calls',
    'post /v1/calls/{id}/commands',
    'post /v1/egress',
    'post /v1/ingress',
  ]);
});
