import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { createLivekitApi, type LivekitApi } from '../../src/adapters/livekit/api/api.ts';
import { systemClock } from '../../src/clock.ts';
import { Secret } from '../../src/secret.ts';
import { findLivekitServer, startLivekitServer } from '../../tools/services/livekit-server.ts';
import { type Figure, figureOf } from '../figure.ts';
import { loadNow } from '../machine.ts';

interface ListOptions {
  readonly tell: (line: string) => void;
  readonly trouble: (line: string) => void;
}

const perSecond = 1000;
const seconds = 10;
const repetitions = 3;
const tickMs = 5;

/** Figures of LiveKit's API through our one client, over a real livekit-server on this machine. */
export async function measureListParticipants({ tell, trouble }: ListOptions): Promise<readonly Figure[]> {
  const binary = await findLivekitServer({ progress: tell });
  if (!binary) throw new Error('no livekit-server: install Go 1.24 or newer, Docker or livekit-server');
  const server = await startLivekitServer({ binary });
  const key = { apiKey: server.apiKey, apiSecret: new Secret(server.apiSecret) };
  const api = createLivekitApi({ url: server.url, clock: systemClock, key: () => key });
  const runs: Run[] = [];
  try {
    await noSocketsTo(server.port);
    await api.rooms.createRoom({ name: 'bench', emptyTimeout: 300 });
    for (let at = 0; at < repetitions; at += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const run = await listParticipants(api, server.port);
      runs.push(run);
      if (run.failed > 0) trouble(`${run.failed} of ${perSecond * seconds} requests failed`);
      tell(`  ${run.tookMs.length} answers, at most ${run.sockets} sockets   load ${loadNow()}`);
    }
  } finally {
    await api.close();
    await server.stop();
  }
  return figuresOf(runs);
}

interface Run {
  /** From the moment at which a request was due to its answer. */
  readonly tookMs: number[];
  readonly sockets: number;
  readonly failed: number;
}

/** So many a second whether or not the ones before were answered: what waits for its turn counts as slow. */
async function listParticipants(api: LivekitApi, port: number): Promise<Run> {
  const tookMs: number[] = [];
  const asked: Promise<unknown>[] = [];
  let [sockets, failed] = [0, 0];
  const ask = async (dueMs: number) => {
    try {
      await api.rooms.listParticipants('bench');
      tookMs.push(performance.now() - dueMs);
    } catch {
      failed += 1;
    }
  };
  const startMs = performance.now();
  while (asked.length < perSecond * seconds) {
    const due = Math.min(perSecond * seconds, ((performance.now() - startMs) * perSecond) / 1000);
    while (asked.length < due) asked.push(ask(startMs + (asked.length * 1000) / perSecond));
    // oxlint-disable-next-line no-await-in-loop -- the pace
    await delay(tickMs);
    sockets = Math.max(sockets, socketsTo(port));
  }
  await Promise.all(asked);
  return { tookMs, sockets: Math.max(sockets, socketsTo(port)), failed };
}

/** Whoever asked whether the server is up keeps a connection for some seconds: it is none of the client's. */
async function noSocketsTo(port: number): Promise<void> {
  const untilMs = performance.now() + 20_000;
  // oxlint-disable-next-line no-await-in-loop -- a wait
  while (socketsTo(port) > 0 && performance.now() < untilMs) await delay(100);
}

/** Established connections of this machine to a port of 127.0.0.1. Linux; elsewhere NaN. */
function socketsTo(port: number): number {
  if (process.platform !== 'linux') return Number.NaN;
  const remote = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const lines = readFileSync('/proc/self/net/tcp', 'utf8').split('\n');
  return lines.map((line) => line.trim().split(/\s+/)).filter(([, , to, state]) => to === remote && state === '01')
    .length;
}

function figuresOf(runs: readonly Run[]): Figure[] {
  const load = loadNow();
  const note = `one room, ${seconds} s in each repetition, requests due at even times whatever came before`;
  return [
    figureOf(
      { name: `ListParticipants, ${perSecond} a second`, note, load },
      runs.map(({ tookMs }) => tookMs),
      [{ of: 'p95', atMost: 100 }],
    ),
    figureOf(
      { name: 'sockets at the same time', unit: 'sockets', load },
      runs.map(({ sockets }) => [sockets]),
      [{ of: 'p95', atMost: 100 }],
    ),
  ];
}
