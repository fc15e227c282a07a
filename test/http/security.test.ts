import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addressesBehind } from '../../src/http/client-address.ts';
import { counted } from '../../src/http/counted.ts';
import { createGuard } from '../../src/http/guard.ts';
import { listen, type Listener } from '../../src/http/listen.ts';
import { securityRoutes } from '../../src/http/security.ts';
import { sessionRoutes } from '../../src/http/sessions.ts';
import { createWatchman } from '../../src/http/watchman.ts';
import { webhookPath, webhookRoutes } from '../../src/http/webhooks.ts';
import { memoryAccess } from '../support/access.ts';
import { doorOf } from '../support/door.ts';
import { securityBench } from '../support/security-bench.ts';
import { createVirtualClock, type VirtualClock } from '../support/virtual-clock.ts';
import { joinedBody, keyRing, signed } from '../support/webhooks.ts';

const address = { host: '127.0.0.1', port: 0 };

let clock: VirtualClock;
let bench: ReturnType<typeof securityBench>;
let opened: Listener[];
beforeEach(() => {
  clock = createVirtualClock(Date.now());
  bench = securityBench(clock);
  opened = [];
});
afterEach(() => Promise.all(opened.map((each) => each.close({ graceMs: 0 }))));

/** A real listener; this test is the proxy before it. */
async function serve(app: Parameters<typeof counted>[0]): Promise<string> {
  const metrics = { add: () => undefined, observe: () => undefined } as never;
  const listener = await listen(counted(app, { door: 'api', metrics, clock }), { address, setting: 'API_ADDR', clock });
  opened.push(listener);
  return listener.url;
}
const watchman = () => createWatchman({ security: bench.security, addressOf: addressesBehind(['127.0.0.1']), clock });
const from = (client: string) => ({ 'x-forwarded-for': client });
const times = async <T>(count: number, run: () => Promise<T>): Promise<T[]> => {
  const results: T[] = [];
  // oxlint-disable-next-line no-await-in-loop
  for (let time = 0; time < count; time += 1) results.push(await run());
  return results;
};

async function webhookDoor() {
  const taken: string[] = [];
  const intake = { receive: async ({ id }: { readonly id: string }) => (taken.push(id), 'stored' as const) };
  const url = await serve(webhookRoutes({ keys: keyRing, intake, clock, watchman: watchman() }));
  const post = (body: string, headers: Record<string, string>) =>
    fetch(`${url}${webhookPath}`, { method: 'POST', body, headers });
  return { taken, post };
}

async function operatorsDoor() {
  const access = memoryAccess(clock);
  const [admin, viewer] = await Promise.all(
    (['admin', 'viewer'] as const).map(async (role) => (await access.keys.create({ name: role, role })).text),
  );
  const routes = [
    ...securityRoutes({ security: bench.security }),
    ...sessionRoutes({ ...access, clock, secure: false }),
  ];
  const url = await serve(doorOf(routes, { guard: createGuard(access), watchman: watchman() }));
  const ask = (path: string, key: string | undefined, client: string, init: RequestInit = {}) =>
    fetch(`${url}${path}`, {
      ...init,
      headers: { ...from(client), ...(key ? { authorization: `Bearer ${key}` } : {}), ...(init.headers as object) },
    });
  return { ask, admin: admin!, viewer: viewer! };
}

describe('the door for webhooks', () => {
  it('R8.5 forged webhooks are told, and then refused early with when to come again', async () => {
    const { post } = await webhookDoor();
    const forged = () => post('{}', { authorization: 'x', ...from('203.0.113.7') });
    expect((await times(19, forged)).map(({ status }) => status)).toEqual(Array(19).fill(401));
    const refused = await forged();
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '600']);
    expect(await refused.json()).toMatchObject({ code: 'source_blocked', retryAfterSeconds: 600 });
    expect((await post('{}', from('203.0.113.7'))).status).toBe(429);
    expect((await post('{}', from('203.0.113.8'))).status).toBe(401);
    expect(bench.alerts).toMatchObject([{ target: 'forged_webhook' }]);
  });

  it('R8.5 a webhook that LiveKit signed passes, whatever else came from its address', async () => {
    const { post, taken } = await webhookDoor();
    await times(30, () => post('{}', { authorization: 'x', ...from('203.0.113.7') }));
    const { body, headers } = await signed(joinedBody());
    expect((await post(body, { ...headers, ...from('203.0.113.7') })).status).toBe(200);
    expect(taken).toEqual(['EV_participant_joined']);
    expect((await post(body.replace('SIP', 'STD'), { ...headers, ...from('203.0.113.7') })).status).toBe(429);
  });

  it('R8.5 a clock that is wrong forges nothing', async () => {
    const { post } = await webhookDoor();
    const { body, headers } = await signed(joinedBody());
    await clock.advance(3_600_000);
    const late = await times(40, () => post(body, { ...headers, ...from('203.0.113.7') }));
    expect(new Set(late.map(({ status }) => status))).toEqual(new Set([401]));
    expect(bench.alerts).toEqual([]);
  });
});

describe('the door for operators', () => {
  const list = '/v1/security/blocks';
  const wrong = `vck_0123456789abcdef_${'x'.repeat(43)}`;

  it('R8.5 R8.4 whoever tries keys is refused, and an administrator with a right one behind the same address is not', async () => {
    const { ask, admin } = await operatorsDoor();
    const tried = await times(12, () => ask(list, wrong, '203.0.113.7'));
    expect(tried.map(({ status }) => status)).toEqual([...Array(9).fill(401), 429, 429, 429]);
    expect(tried.at(-1)!.headers.get('retry-after')).toBe('900');
    expect((await ask(list, wrong, '203.0.113.8')).status).toBe(401);
    expect((await ask(list, undefined, '203.0.113.7')).status).toBe(401);
    const found = await ask(list, admin, '203.0.113.7');
    expect(((await found.json()) as any).blocks).toMatchObject([{ kind: 'ip', source: '203.0.113.7', why: 'bad_key' }]);
  });

  it('R8.5 logging in by a wrong key counts too, and by a right one passes', async () => {
    const { ask, admin } = await operatorsDoor();
    const login = (key: string) =>
      ask('/v1/session', undefined, '203.0.113.7', {
        method: 'POST',
        body: JSON.stringify({ key }),
        headers: { 'content-type': 'application/json' },
      });
    expect((await times(10, () => login(wrong))).at(-1)!.status).toBe(429);
    expect((await login(admin)).status).toBe(200);
  });

  it('R8.5 R8.4 the list is for administrators, who clear from it; numbers stand in the marked field', async () => {
    const { ask, admin, viewer } = await operatorsDoor();
    await times(4, async () => bench.security.saw('call_burst', { kind: 'number', value: '+15550123' }));
    expect((await ask(list, viewer, '203.0.113.9')).status).toBe(403);
    const { blocks } = (await (await ask(list, admin, '203.0.113.9')).json()) as any;
    expect(blocks).toEqual([
      {
        id: 'source-1',
        kind: 'number',
        pii: { phone: '+15550123' },
        why: 'call_burst',
        since: clock.now(),
        until: clock.now() + 600_000,
      },
    ]);
    const clear = (key: string) => ask(`${list}/source-1`, key, '203.0.113.9', { method: 'DELETE' });
    expect((await clear(viewer)).status).toBe(403);
    expect([(await clear(admin)).status, (await clear(admin)).status]).toEqual([204, 404]);
    expect(bench.security.blockOf({ kind: 'number', value: '+15550123' })).toBeUndefined();
  });
});
