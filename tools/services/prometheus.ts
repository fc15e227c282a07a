import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findOnPath } from '../lib/find-on-path.ts';
import { atEnd, spawnOwned } from '../lib/owned.ts';
import { freeTcpPort } from '../lib/ports.ts';
import { run, type RunResult } from '../lib/run.ts';

const readyLimitMs = 30_000;

/** A Prometheus of ours on 127.0.0.1, with its data in a folder that goes with it. */
export interface RunningPrometheus {
  readonly url: string;
  /** What a query gives now: each series with its labels and value. Rejects with what Prometheus has against it. */
  query(expr: string): Promise<readonly Series[]>;
  stop(): Promise<void>;
}

export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Both come with Debian's package `prometheus`. */
function commandOf(name: 'prometheus' | 'promtool'): string {
  const command = findOnPath(name);
  if (!command) throw new Error(`${name} is not on the PATH: on Debian, apt-get install prometheus`);
  return command;
}

/** Runs promtool in a folder to its end. */
export const promtool = async (cwd: string, ...args: readonly string[]): Promise<RunResult> =>
  run(commandOf('promtool'), args, { cwd });

/** Starts Prometheus with this configuration and waits until it is ready. It ends with this process, however that ends. */
export async function startPrometheus(config: string): Promise<RunningPrometheus> {
  const command = commandOf('prometheus');
  const folder = mkdtempSync(join(tmpdir(), 'voicechart-prometheus-'));
  const removed = () => rmSync(folder, { recursive: true, force: true });
  const release = atEnd(removed);
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'prometheus.yml'), config);
  const url = `http://127.0.0.1:${await freeTcpPort()}`;
  const child = spawnOwned(command, [
    `--config.file=${join(folder, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=${url.slice('http://'.length)}`,
    '--log.level=warn',
  ]);
  const stop = async () => {
    await child.stop();
    release();
    removed();
  };
  const until = Date.now() + readyLimitMs;
  while (!(await isReady(url))) {
    if (child.alive() && Date.now() < until) continue;
    await stop();
    throw new Error(`prometheus did not start; it said: ${child.output().trim()}`);
  }
  return { url, query: (expr) => ask(url, expr), stop };
}

async function isReady(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/-/ready`).catch(() => undefined);
  if (answer?.ok) return true;
  await new Promise((resolve) => setTimeout(resolve, 50));
  return false;
}

interface Answer {
  readonly status: string;
  readonly error?: string;
  readonly data: { readonly resultType: string; readonly result: readonly Result[] };
}

interface Result {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

async function ask(url: string, expr: string): Promise<readonly Series[]> {
  const response = await fetch(`${url}/api/v1/query`, { method: 'POST', body: new URLSearchParams({ query: expr }) });
  const { status, error, data } = (await response.json()) as Answer;
  if (status !== 'success') throw new Error(`${expr}: ${error}`);
  return data.result.map(({ metric, value: [, value] }) => ({ labels: metric, value: Number(value) }));
}
