import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { createMemoryLog } from '../../src/adapters/memory/call-log.ts';
import { systemClock } from '../../src/clock.ts';
import { callRoutes } from '../../src/http/calls.ts';
import { consoleRoutes } from '../../src/http/console.ts';
import { createGuard } from '../../src/http/guard.ts';
import { listen } from '../../src/http/listen.ts';
import { sessionRoutes } from '../../src/http/sessions.ts';
import type { LogDraft } from '../../src/runtime/call-log.ts';
import type { CallCommand, Calls } from '../../src/runtime/calls.ts';
import type { Chart } from '../../src/runtime/chart.ts';
import { followLog } from '../../src/runtime/follow-log.ts';
import { drawnCharts } from '../../src/wiring/charts.ts';
import { openHealthWorld } from './health-world.ts';
import { memoryAccess } from '../support/access.ts';
import { doorOf } from '../support/door.ts';

export type ConsoleWorld = Awaited<ReturnType<typeof openConsoleWorld>>;

const consoleFolder = fileURLToPath(new URL('../../dist/console', import.meta.url));
const fixture = new URL('../fixtures/log/demo-call.jsonl', import.meta.url);

/** Entries of a real call of the demo, moved in time so that it began at `startedAt`. */
export function recordedCall(startedAt: number): LogDraft[] {
  const drafts = readFileSync(fixture, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as LogDraft);
  const moveMs = startedAt - drafts[0]!.at;
  return drafts.map((draft) => movedBy(draft, moveMs));
}

function movedBy(draft: LogDraft, ms: number): LogDraft {
  const moved = { ...draft, at: draft.at + ms };
  if (moved.kind !== 'state') return moved;
  const timers = moved.data['timers'] as readonly { dueAt: number }[];
  const data = { ...moved.data, timers: timers.map((timer) => ({ ...timer, dueAt: timer.dueAt + ms })) };
  return { ...moved, data };
}

interface WorldOptions {
  readonly charts?: readonly Chart[];
  /** Whether it takes a key; else everybody is an administrator. */
  readonly guarded?: boolean;
}

/** Of the calls that are live. */
const owner = { pid: 4711, epoch: 1 };

/** A real API listener over a log in memory: calls are live until they ended, commands are noted. */
export async function openConsoleWorld({ charts = drawnCharts(), guarded = false }: WorldOptions = {}) {
  const log = createMemoryLog();
  const told: [string, CallCommand][] = [];
  let elsewhere = false;
  const calls: Calls = {
    list: async (options) =>
      (await log.calls(options)).map((call) => ({ ...call, ...(call.endedAt === undefined && { owner }) })),
    async get(id) {
      const summary = await log.summary(id);
      return summary && { ...summary, live: summary.endedAt === undefined };
    },
    entries: (id, options) => followLog(log, id, options),
    async command(id, command) {
      const summary = await log.summary(id);
      if (!summary) return 'unknown';
      if (summary.endedAt !== undefined) return 'ended';
      if (elsewhere) return 'elsewhere';
      told.push([id, command]);
      return 'taken';
    },
  };
  const access = memoryAccess(systemClock);
  const health = openHealthWorld();
  const routes = [
    ...health.routes,
    ...sessionRoutes({ ...access, clock: systemClock, secure: false }),
    ...callRoutes({ calls, clock: systemClock }),
    ...consoleRoutes({ chart: () => ({ charts }), folder: consoleFolder }),
  ];
  const app = doorOf(routes, guarded ? { guard: createGuard(access) } : {});
  const openDoor = (port = 0) =>
    listen(app, { setting: 'API_ADDR', address: { host: '127.0.0.1', port }, clock: systemClock });
  let door = await openDoor();
  const { address, url } = door;
  return {
    url,
    access,
    health,
    told,
    append: (callKey: string, drafts: readonly LogDraft[]) => log.append(callKey, 1, drafts),
    /** From now on another instance runs the calls. */
    loseCalls: () => void (elsewhere = true),
    shut: () => door.close({ graceMs: 0 }),
    async reopen() {
      door = await openDoor(address.port);
    },
    close: () => door.close({ graceMs: 0 }),
  };
}

/** A phone door as the demo has one: notes what it is told and answers with a call. */
export async function openFakePhone(callKey: string, consoleUrl: string) {
  const told: unknown[] = [];
  const server = createServer((request, response) => {
    const headers = { 'access-control-allow-origin': consoleUrl, 'access-control-allow-headers': 'content-type' };
    response.writeHead(200, { ...headers, 'content-type': 'application/json' });
    if (request.method === 'OPTIONS') return response.end();
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')));
    request.on('end', () => {
      told.push(JSON.parse(body));
      response.end(JSON.stringify({ callKey, dialled: true }));
    });
    return undefined;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    told,
    close: () => (server.closeAllConnections(), server.close()),
  };
}
