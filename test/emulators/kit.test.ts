import { createServer, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createRandom } from '../../emulators/kit/random.ts';
import { createGate, type Fault, type Verdict } from '../../emulators/kit/faults.ts';
import { startEmulator, type EmulatorKit } from '../../emulators/kit/emulator.ts';
import { createJournal } from '../../emulators/kit/journal.ts';
import { createSettings } from '../../emulators/kit/settings.ts';

let kit: EmulatorKit<{ greeting: string }> | undefined;
afterEach(async () => {
  await kit?.close();
  kit = undefined;
});

async function start(): Promise<EmulatorKit<{ greeting: string }>> {
  const inner = createServer((request, response) => {
    const { connection, fault } = kit!.arrive(request, request.url ?? '');
    if (fault?.kind === 'reset') return connection.reset();
    response.end(fault?.kind === 'odd' ? 'odd' : kit!.settings.values.greeting);
  });
  const settings = createSettings(z.object({ greeting: z.string().default('hello') }));
  kit = await startEmulator({ inner, settings, specialFaults: { odd: {} } });
  return kit;
}

function get(port: number, path = '/', headers: Record<string, string> = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, path, headers, agent: false }, (response) => {
      response.setEncoding('utf8').on('data', resolve).on('error', reject);
    });
    request.on('error', (error: NodeJS.ErrnoException) => reject(new Error(error.code)));
    request.end();
  });
}

function verdicts(fault: Fault): Verdict[] {
  const gate = createGate(fault);
  return [gate.next(), gate.next(), gate.next()];
}

const post = (url: string, body: unknown) => fetch(url, { method: 'POST', body: JSON.stringify(body) });

const row = (seed: string) => Array.from({ length: 200 }, createRandom(seed));

describe('faults of an emulator', () => {
  it('refuses connections until the faults are cleared', async () => {
    const { port, faults } = await start();
    expect(await get(port)).toBe('hello');
    faults.add({ kind: 'refuse' });
    await expect(get(port)).rejects.toThrow('ECONNREFUSED');
    faults.clear();
    expect(await get(port)).toBe('hello');
  });

  it('resets the next n requests and no more', async () => {
    const { port, faults } = await start();
    faults.add({ kind: 'reset', times: 2 });
    await expect(get(port)).rejects.toThrow('ECONNRESET');
    await expect(get(port)).rejects.toThrow('ECONNRESET');
    expect(await get(port)).toBe('hello');
  });

  it('resets a connection before a byte was read', async () => {
    const { port, faults, journal } = await start();
    faults.add({ kind: 'reset', at: 'connect', times: 1 });
    await expect(get(port)).rejects.toThrow('ECONNRESET');
    expect(journal.entries({ type: 'fault.applied' })).toMatchObject([{ connection: 1, fault: { kind: 'reset' } }]);
    expect(await get(port)).toBe('hello');
  });

  it('accepts and then says nothing, and drops such a connection when told', async () => {
    const { port, faults, journal } = await start();
    faults.add({ kind: 'hang', at: 'connect', times: 1 });
    const failed = get(port).catch((error: Error) => error.message);
    await journal.waitFor((entry) => entry.type === 'fault.applied');
    faults.add({ kind: 'drop' });
    expect(await failed).toBe('ECONNRESET');
  });

  it('accepts a connection late, and then serves it', async () => {
    const { port, faults } = await start();
    faults.add({ kind: 'slow', at: 'connect', delayMs: 120, times: 1 });
    const since = performance.now();
    expect(await get(port)).toBe('hello');
    expect(performance.now() - since).toBeGreaterThanOrEqual(119);
    expect(faults.list()).toEqual([]);
  });

  it.each([
    [{ kind: 'status', status: 500, at: 'connect' }, 'at: got "connect", allowed are handshake for "status"'],
    [{ kind: 'slow', at: 'handshake' }, 'at: got "handshake", allowed are connect for "slow"'],
    [{ kind: 'stall', at: 'first' }, 'at: "stall" has no place to choose'],
    [{ kind: 'stall', delayMs: 5 }, 'delayMs: not for "stall", allowed are after, times, connection, scenario, path'],
    [{ kind: 'reset', at: 'handshake', after: 2 }, 'after: not for "reset" at "handshake", allowed are at, times,'],
    [{ kind: 'hang', at: 'connect', path: '/talk' }, 'path: not for "hang" at "connect", allowed are at, times, conn'],
    [{ kind: 'refuse', times: 1 }, 'times: not for "refuse", allowed are no other fields'],
    [{ kind: 'odd', body: 'x' }, 'body: not for "odd", allowed are times, connection, scenario, path'],
    [{ kind: 'status' }, 'status: missing'],
    [{ kind: 'close', code: 5 }, 'a WebSocket close code: 1000 to 1014'],
  ])('are refused where they could not strike: %j', async (fault, problem) => {
    const { faults } = await start();
    expect(() => faults.add(fault)).toThrow(problem);
    expect(faults.list()).toEqual([]);
  });

  it('strikes only where scenario and path say', async () => {
    const { port, faults } = await start();
    faults.add({ kind: 'odd', scenario: 'one', path: '/talk' });
    expect(await get(port, '/talk')).toBe('hello');
    expect(await get(port, '/list', { 'x-emulator-scenario': 'one' })).toBe('hello');
    expect(await get(port, '/talk', { 'x-emulator-scenario': 'one' })).toBe('odd');
  });

  it('decides a stream result by result', () => {
    expect(verdicts({ kind: 'stall', after: 1 })).toEqual(['pass', 'stall', 'stall']);
    expect(verdicts({ kind: 'garbage', after: 1 })).toEqual(['pass', 'garbage', 'pass']);
    expect(verdicts({ kind: 'hang' })).toEqual(['stall', 'stall', 'stall']);
    expect(verdicts({ kind: 'reset', after: 2 })).toEqual(['pass', 'pass', 'reset']);
    expect(createGate({ kind: 'slow', delayMs: 7 })).toMatchObject({ delayMs: 7 });
  });
});

describe('the control port of an emulator', () => {
  it('takes faults and settings and shows the journal', async () => {
    const { port, controlUrl } = await start();
    expect((await post(`${controlUrl}/faults`, { kind: 'odd', times: 1 })).status).toBe(201);
    expect(await (await post(`${controlUrl}/settings`, { greeting: 'hi' })).json()).toEqual({ greeting: 'hi' });
    expect([await get(port), await get(port)]).toEqual(['odd', 'hi']);
    const entries = await (await fetch(`${controlUrl}/journal?type=fault.applied`)).json();
    expect(entries).toMatchObject([{ type: 'fault.applied', path: '/', fault: { kind: 'odd' } }]);
    await fetch(`${controlUrl}/faults`, { method: 'DELETE' });
    expect(await (await fetch(`${controlUrl}/faults`)).json()).toEqual([]);
  });

  it('answers bad input with the field, what came and what is allowed', async () => {
    const { controlUrl } = await start();
    const errorOf = async (path: string, body: unknown) => {
      const response = await post(controlUrl + path, body);
      return `${response.status} ${((await response.json()) as { error: string }).error}`;
    };
    expect(await errorOf('/faults', { kind: 'explode' })).toMatch(
      /^400 .*kind: got "explode", allowed are refuse, .*odd/,
    );
    expect(await errorOf('/faults', { kind: 'stall', after: -1 })).toMatch(/^400 [^]*after/);
    expect(await errorOf('/settings', { greeting: 5 })).toMatch(/^400 [^]*greeting/);
    expect(await errorOf('/settings', { greetin: 'x' })).toMatch(/^400 [^]*greetin/);
    expect(await errorOf('/nothing', {})).toMatch(/^404 .*POST \/faults/);
  });

  it('leaves nothing listening when it closes', async () => {
    const { port, controlUrl, close } = await start();
    const open = connect(port, '127.0.0.1');
    await new Promise((resolve) => open.once('connect', resolve));
    const gone = new Promise((resolve) => open.on('error', () => undefined).once('close', resolve));
    await close();
    await gone;
    await expect(get(port)).rejects.toThrow('ECONNREFUSED');
    await expect(fetch(controlUrl)).rejects.toThrow('fetch failed');
  });
});

describe('chance in an emulator', () => {
  it('is the same for the same seed, and another one for another', () => {
    expect(row('1 a')).toEqual(row('1 a'));
    expect(row('1 a')).not.toEqual(row('1 b'));
    expect(row('')[0]).not.toBe(row(' ')[0]);
  });

  it('lies between 0 and 1, and all over it', () => {
    const numbers = row('seed');
    expect([Math.min(...numbers) >= 0, Math.max(...numbers) < 1]).toEqual([true, true]);
    expect(new Set(numbers.map((number) => Math.floor(number * 10))).size).toBe(10);
  });
});

describe('a journal', () => {
  it('is bounded, and keeps the newest', () => {
    const journal = createJournal({ limit: 10 });
    for (let i = 0; i < 5000; i += 1) journal.note('tick', { i });
    expect(journal.entries().map((entry) => entry.i)).toEqual([
      4990, 4991, 4992, 4993, 4994, 4995, 4996, 4997, 4998, 4999,
    ]);
    expect(journal.entries({ since: 4998 })).toHaveLength(2);
  });

  it('never goes back in time, and says what it saw when a wait is in vain', async () => {
    const journal = createJournal();
    const coming = journal.waitFor((entry) => entry.type === 'b');
    const [a, b] = [journal.note('a'), journal.note('b')];
    expect(await coming).toBe(b);
    expect(b.atMs).toBeGreaterThanOrEqual(a.atMs);
    await expect(journal.waitFor((entry) => entry.type === 'c', { timeoutMs: 5 })).rejects.toThrow('seen: a, b');
  });
});
