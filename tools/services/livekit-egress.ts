import { rmSync } from 'node:fs';
import { mkdtemp, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { atEnd, type OwnedChild, spawnOwned } from '../lib/owned.ts';
import { freeTcpPort } from '../lib/ports.ts';

interface Neighbours {
  readonly livekit: { readonly url: string; readonly apiKey: string; readonly apiSecret: string };
  /** `host:port`. */
  readonly redisAddress: string;
}

const readyLimitMs = 20_000;
const endLimitMs = 10_000;

/**
 * Starts this livekit-egress beside a livekit-server and its Redis, and waits until it takes recordings. Rejects with its last words
 * when it does not come up. It serves pages at a port of 127.0.0.1 and nothing else. Returns its end, with that of its recordings.
 */
export async function startLivekitEgress(binary: string, neighbours: Neighbours): Promise<() => Promise<void>> {
  const { folder, remove } = await folderWith(binary);
  const config = configOf(neighbours, await freeTcpPort());
  const { child, ready } = launch(folder, config);
  const isReady = await ready;
  const stop = async () => {
    await end(child);
    remove();
  };
  if (isReady) return stop;
  await stop();
  throw new Error(`the egress of LIVEKIT_EGRESS_BIN did not start; it said: ${child.output().trim() || 'nothing'}`);
}

/** It looks for itself on the PATH, by this name: each of its recordings is another process. */
async function folderWith(binary: string): Promise<{ readonly folder: string; remove(): void }> {
  const folder = await mkdtemp(join(tmpdir(), 'voicechart-egress-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  atEnd(remove);
  await symlink(resolve(binary), join(folder, 'egress'));
  return { folder, remove };
}

/**
 * JSON is YAML. Its estimates of what a recording costs are for one that has its machine to itself: here it would take none beside the
 * rest of the tests.
 */
function configOf({ livekit: { url, apiKey, apiSecret }, redisAddress }: Neighbours, port: number): string {
  const cost = { max_cpu_utilization: 1, audio_room_composite_cpu_cost: 0.01, track_cpu_cost: 0.01 };
  return JSON.stringify({
    redis: { address: redisAddress },
    api_key: apiKey,
    api_secret: apiSecret,
    ws_url: url,
    insecure: true,
    template_port: port,
    cpu_cost: cost,
    logging: { level: 'info' },
  });
}

function launch(folder: string, config: string): { readonly child: OwnedChild; readonly ready: Promise<boolean> } {
  const { promise: ready, resolve: settle } = Promise.withResolvers<boolean>();
  const env = { ...process.env, EGRESS_CONFIG_BODY: config, PATH: `${folder}${delimiter}${process.env['PATH']}` };
  let said = '';
  const onOutput = (text: string) => {
    said = (said + text).slice(-4000);
    if (said.includes('service ready')) settle(true);
  };
  const child = spawnOwned(join(folder, 'egress'), [], { env, onOutput });
  const timer = setTimeout(settle, readyLimitMs, false);
  void child.exited.then(() => settle(false));
  void ready.then(() => clearTimeout(timer));
  return { child, ready };
}

/** Recordings are in no group of ours: it is asked to end them. */
async function end(child: OwnedChild): Promise<void> {
  const timer = setTimeout(child.kill, endLimitMs);
  if (child.alive()) child.process.kill('SIGINT');
  await child.exited;
  clearTimeout(timer);
}
