import { createServer, type Server } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { listen } from '../../../emulators/kit/front.ts';
import type { Work } from '../../../src/actors/trouble.ts';
import { createApiMending } from '../../../src/adapters/recovery/api.ts';
import { createDiagnostics } from '../../../src/adapters/recovery/diagnostics.ts';
import { createEscalation } from '../../../src/adapters/recovery/escalation.ts';
import { createHealthCheck } from '../../../src/adapters/recovery/health-check.ts';
import { createNetworkMending, type Place } from '../../../src/adapters/recovery/network.ts';
import { renewing } from '../../../src/adapters/recovery/renew.ts';
import { lookingBy } from '../../../src/adapters/recovery/work.ts';
import type { Failure } from '../../../src/failure.ts';
import type { Target } from '../../../src/targets.ts';
import { freeTcpPort } from '../../../tools/lib/ports.ts';

const { signal } = new AbortController();
const on = (work: Work, target: Target) => work({ target, since: 0 }, { signal });
const failure = (vendor: string): Failure => ({
  vendor,
  phase: 'rest',
  class: 'api',
  retryable: true,
  message: 'down',
});
/** Looks at which all is well but these. */
const lookWithout =
  (...down: Target[]): Work =>
  async ({ target }) =>
    down.includes(target) ? failure(target) : { did: `${target} answers` };

const doing =
  (did: string): Work =>
  async () => ({ did });
const place = (port: number): Place => ({ host: '127.0.0.1', port, over: 'tcp' });
const kept = (to: Target, what: string, result?: Failure) => ({ to: [to], what, renew: async () => result });
const probeOf = (target: Target, failed?: Failure) => ({
  target,
  operation: 'x',
  look: async () => ({ tookMs: 1, ...(failed && { failure: failed }) }),
});

async function answering(status: number): Promise<number> {
  const server: Server = createServer((_, response) => response.writeHead(status).end('so it is'));
  onTestFinished(() => void server.close());
  return listen(server, 0);
}

test('D8.2 a look is one look by a fresh probe; what is not configured, or breaks, is told', async () => {
  let closed = 0;
  const probe = { target: 'redis', operation: 'PING', look: async () => ({ tookMs: 2.4 }) } as const;
  const look = lookingBy(async () => ({ probes: [probe], close: async () => void (closed += 1) }));
  expect(await on(look, 'redis')).toEqual({ did: 'redis answers PING in 2 ms' });
  expect(await on(look, 'groq')).toEqual({ did: 'groq is not configured: nothing to look at' });
  expect(closed).toBe(2);
  const broken = lookingBy(() => Promise.reject(new Error('no certificate')));
  expect(await on(broken, 'cartesia')).toMatchObject({ vendor: 'cartesia', message: 'no certificate' });
});

test('D8.4 an API that answers anything is there; one in trouble says so', async () => {
  const ports = { openai: await answering(404), groq: await answering(503), cartesia: await freeTcpPort() };
  const pageOf = (target: Target) =>
    target in ports ? `http://127.0.0.1:${ports[target as keyof typeof ports]}/` : undefined;
  const { checkStatus } = createApiMending({ pageOf, look: lookWithout(), kinds: [] });
  expect(await on(checkStatus, 'openai')).toEqual({ did: 'openai answers with 404' });
  expect(await on(checkStatus, 'groq')).toMatchObject({ class: 'api', sub: 'server', httpStatus: 503 });
  expect(await on(checkStatus, 'cartesia')).toMatchObject({ class: 'network', errno: 'ECONNREFUSED' });
  expect(await on(checkStatus, 'redis')).toEqual({ did: 'redis answers' });
});

test('D8.4 another vendor stands in only where one of each kind works', async () => {
  const kinds: Target[][] = [['openai', 'groq'], ['cartesia', 'openai'], ['deepgram']];
  const detour = (...down: Target[]) =>
    createApiMending({ pageOf: () => undefined, look: lookWithout(...down), kinds }).useFallback;
  expect(await on(detour('openai'), 'openai')).toEqual({ did: 'groq answers; cartesia answers' });
  expect(await on(detour('openai', 'groq'), 'openai')).toMatchObject({ vendor: 'groq' });
  expect(await on(detour('groq'), 'groq')).toEqual({ did: 'openai answers' });
  expect(await on(detour('deepgram'), 'deepgram')).toMatchObject({
    message: 'no agent has another vendor beside deepgram',
  });
  expect(await on(detour('redis'), 'redis')).toMatchObject({
    message: 'there is nothing else that does what redis does',
  });
});

test('D8.4 the other LiveKit is a way when it has rooms and lets clients in', async () => {
  const ways = { pageOf: () => undefined, look: lookWithout('livekit-room'), kinds: [] };
  const detour = (lookAtFallback?: Work) => createApiMending({ ...ways, lookAtFallback }).useFallback;
  expect(await on(detour(lookWithout()), 'livekit-room')).toEqual({
    did: 'at the other host livekit-room answers; livekit-connect answers',
  });
  expect(await on(detour(lookWithout('livekit-connect')), 'livekit-room')).toMatchObject({ vendor: 'livekit-connect' });
  expect(await on(detour(), 'livekit-room')).toMatchObject({
    message: expect.stringContaining('LIVEKIT_FALLBACK_URL'),
  });
});

test('D8.6 whether it is our network or theirs is told, and connections are made anew before the next look', async () => {
  const [up, down] = [await answering(200), await freeTcpPort()];
  const places: Partial<Record<Target, Place>> = {
    openai: place(up),
    groq: place(down),
    cartesia: { ...place(1), host: 'no-such-host.invalid' },
  };
  const renewed: Target[] = [];
  const renew: Work = async ({ target }) => (renewed.push(target), { did: 'renewed' });
  const at = (elsewhere: readonly Place[]) =>
    createNetworkMending({
      placeOf: (target) => places[target],
      elsewhere: () => elsewhere,
      renew,
      look: lookWithout('groq'),
    });
  expect(await on(at([]).check, 'openai')).toEqual({ did: `127.0.0.1:${up} can be reached` });
  expect(await on(at([place(up)]).check, 'groq')).toMatchObject({
    class: 'network',
    message: `127.0.0.1:${down}: ECONNREFUSED; others can be reached`,
  });
  expect(await on(at([place(down)]).check, 'groq')).toMatchObject({
    message: expect.stringMatching(/nobody else can be reached/),
  });
  expect(await on(at([]).check, 'cartesia')).toMatchObject({
    class: 'network',
    message: expect.stringMatching(/invalid:1: E/),
  });
  expect(await on(at([]).check, 'redis')).toMatchObject({ message: 'it is not configured where redis is' });
  expect(await on(at([]).reconnect, 'openai')).toEqual({ did: 'renewed; openai answers' });
  expect(await on(at([]).reconnect, 'groq')).toEqual(failure('groq'));
  expect(renewed).toEqual(['openai', 'groq']);
});

test('D8.6 all connections to a target are made anew, and what was wrong with one is told', async () => {
  const renew = renewing(() => [kept('redis', 'a'), kept('redis', 'b'), kept('groq', 'c', failure('groq'))]);
  expect(await on(renew, 'redis')).toEqual({ did: 'renewed a, b' });
  expect(await on(renew, 'groq')).toEqual(failure('groq'));
  expect(await on(renew, 'deepgram')).toEqual({ did: 'each use of deepgram opens a connection of its own' });
});

test('D8.7 an automatic fix says what it did, and counts only when the target is well after it', async () => {
  const told: unknown[] = [];
  const { logDetails, autoFix } = createDiagnostics({
    note: ({ target }) => told.push(['noted', target]),
    fixed: (...fixed) => told.push(fixed),
    unfixed: ({ target }) => told.push(['unfixed', target]),
    renew: doing('renewed sockets'),
    look: lookWithout('redis'),
    applyLines: doing('create rule dispatch'),
  });
  expect(await on(logDetails, 'redis')).toEqual({ did: 'what is known is in the log' });
  expect(await on(autoFix, 'livekit-sip')).toEqual({
    did: 'renewed sockets; create rule dispatch; livekit-sip answers',
  });
  expect(await on(autoFix, 'redis')).toEqual(failure('redis'));
  expect(told).toEqual([
    ['noted', 'redis'],
    ['livekit-sip', 'renewed sockets; create rule dispatch'],
    ['redis', 'renewed sockets'],
    ['unfixed', 'redis'],
  ]);
});

test('D8.8 who is told, what callers hear, which way round there is and what is refused', async () => {
  const alerts: Target[] = [];
  const escalation = (heard?: string) =>
    createEscalation({
      alert: ({ target }) => alerts.push(target),
      failsafe: () => heard,
      operationsOf: (target) => (target === 'livekit-sip' ? ['outbound', 'transfers'] : []),
      detour: async () => ({ did: 'another vendor' }),
    });
  const { sendAlert, activateFailsafe, switchToBackup, limitOperations } = escalation('the notice');
  expect(await on(sendAlert, 'redis')).toEqual({ did: 'an alert about redis is on its way' });
  expect(alerts).toEqual(['redis']);
  expect(await on(activateFailsafe, 'livekit-room')).toEqual({ did: 'new calls hear the notice' });
  expect(await on(escalation().activateFailsafe, 'livekit-room')).toMatchObject({
    message: expect.stringMatching(/never rendered/),
  });
  expect(await on(switchToBackup, 'groq')).toEqual({ did: 'another vendor' });
  expect(await on(limitOperations, 'livekit-sip')).toEqual({ did: 'refused from now on: outbound, transfers' });
  expect(await on(limitOperations, 'groq')).toMatchObject({
    did: expect.stringContaining('nothing is refused for groq'),
  });
});

test('D5.1 all are looked at side by side, and those that fail are named', async () => {
  const open = async () => ({ probes: [probeOf('redis'), probeOf('groq', failure('groq'))], close: async () => {} });
  const health = createHealthCheck(async () => undefined, open);
  expect(await health.probe('all', { signal })).toEqual([{ target: 'groq', failure: failure('groq') }]);
  expect(await health.probe(['redis', 'openai'], { signal })).toEqual([]);
});
