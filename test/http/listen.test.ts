import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { listen } from '../../src/http/listen.ts';
import type { Listener } from '../../src/http/listen.ts';

const listeners: Listener[] = [];
afterEach(async () => {
  await Promise.all(listeners.splice(0).map((listener) => listener.close({ graceMs: 0 })));
});

async function open(
  fetch: (request: Request) => Response | Promise<Response>,
  host = '127.0.0.1',
  port = 0,
): Promise<Listener> {
  const listener = await listen({ fetch }, { address: { host, port }, setting: 'API_ADDR', clock: systemClock });
  listeners.push(listener);
  return listener;
}

describe('listening', () => {
  test('on a port of the system’s choice, IPv6 too', async () => {
    for (const host of ['127.0.0.1', '::1']) {
      const listener = await open(() => new Response('here'), host);
      expect(listener.address.port).toBeGreaterThan(0);
      expect(await (await fetch(listener.url)).text()).toBe('here');
    }
  });

  test('an address in use is told with the setting it came from', async () => {
    const first = await open(() => new Response());
    const { port } = first.address;
    await expect(open(() => new Response(), '127.0.0.1', port)).rejects.toThrow(
      `API_ADDR: 127.0.0.1:${port} is in use by another program; choose another`,
    );
  });

  test('an address of another machine, too', async () => {
    await expect(open(() => new Response(), '192.0.2.1')).rejects.toThrow(
      'API_ADDR: 192.0.2.1:0 is no address of this machine',
    );
  });

  test('leaves the global Request and Response alone', async () => {
    const before = [globalThis.Request, globalThis.Response];
    await open(() => new Response());
    expect([globalThis.Request, globalThis.Response]).toEqual(before);
  });

  test('closing lets a running request end, and takes no new one', async () => {
    const [begun, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const listener = await open(async () => {
      begun.resolve();
      await go.promise;
      return new Response('done');
    });
    const running = fetch(listener.url);
    await begun.promise;
    const closing = listener.close({ graceMs: 20_000 });
    await expect(fetch(listener.url)).rejects.toThrow();
    go.resolve();
    expect(await (await running).text()).toBe('done');
    await closing;
  });

  test('closing cuts off what does not end within the grace, idle connections at once, and may be asked twice', async () => {
    const listener = await open(() => new Promise(() => {}));
    const idle = connect(listener.address.port, '127.0.0.1');
    const closed = new Promise<void>((resolve) => idle.on('close', () => resolve()));
    const hanging = fetch(listener.url);
    hanging.catch(() => {});
    await expect.poll(() => idle.readyState).toBe('open');
    await Promise.all([listener.close({ graceMs: 50 }), listener.close({ graceMs: 50 })]);
    await expect(hanging).rejects.toThrow();
    await closed;
  });
});
