import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { atEnd } from '../../tools/lib/owned.ts';
import { findLivekitServer, startLivekitServer } from '../../tools/services/livekit-server.ts';
import { findRedisServer, startRedis } from '../../tools/services/redis.ts';
import { type Figure, figureOf } from '../figure.ts';
import { loadNow } from '../machine.ts';

const cli = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const exec = promisify(execFile);
const repetitions = 3;
const pairs = 100;

/** `voicechart sip apply`, process and all, on a real livekit-server: 100 trunks and their rules made, found as they are, and removed. */
export async function measureSipApply({ tell }: { readonly tell: (line: string) => void }): Promise<readonly Figure[]> {
  const binary = await findLivekitServer({ progress: tell });
  if (!binary || !findRedisServer()) throw new Error('sip apply needs livekit-server and redis-server');
  const folder = await mkdtemp(join(tmpdir(), 'voicechart-sip-'));
  const forget = atEnd(() => void rm(folder, { recursive: true, force: true }));
  const redis = await startRedis();
  const server = await startLivekitServer({ binary, redisAddress: redis.address });
  const apply = applierOf(folder, server);
  const [made, same]: [number[], number[]] = [[], []];
  try {
    for (let run = 0; run < repetitions; run += 1) {
      // oxlint-disable no-await-in-loop -- one after the other
      made.push(await apply(pairs));
      same.push(await apply(pairs));
      await apply(0);
      // oxlint-enable no-await-in-loop
      tell(`  sip apply: made in ${made.at(-1)} ms, found unchanged in ${same.at(-1)} ms   load ${loadNow()}`);
    }
  } finally {
    await server.stop();
    await redis.stop();
    await rm(folder, { recursive: true, force: true });
    forget();
  }
  return [figure('sip apply makes 100 trunks and 100 rules', made), figure('sip apply finds them unchanged', same)];
}

const figure = (name: string, took: readonly number[]): Figure =>
  figureOf(
    { name, load: loadNow() },
    took.map((each) => [each]),
    [{ of: 'p95', atMost: 5000 }],
  );

/** Applies a file of so many trunks, each with its rule, and gives how long the command took, in ms. */
function applierOf(folder: string, server: Awaited<ReturnType<typeof startLivekitServer>>) {
  const file = join(folder, 'sip.yaml');
  const { url, apiKey, apiSecret } = server;
  const env = { ...process.env, LIVEKIT_URL: url, LIVEKIT_API_KEY: apiKey, LIVEKIT_API_SECRET: apiSecret };
  return async (count: number): Promise<number> => {
    await writeFile(file, stringify(linesOf(count)));
    const startMs = performance.now();
    await exec(process.execPath, [cli, 'sip', 'apply', '--prune', '--file', file], { env });
    return Math.round(performance.now() - startMs);
  };
}

const trunkOf = (number: string) => ({ numbers: [`+4930${number}`], allowedAddresses: ['203.0.113.0/24'] });

const ruleOf = (number: string) => ({
  trunks: [`trunk-${number}`],
  room: { prefix: 'voice-ai-call' },
  agent: 'receptionist',
});

function linesOf(count: number) {
  const numbers = Array.from({ length: count }, (_, at) => String(at).padStart(3, '0'));
  return {
    inbound: Object.fromEntries(numbers.map((number) => [`trunk-${number}`, trunkOf(number)])),
    rules: Object.fromEntries(numbers.map((number) => [`rule-${number}`, ruleOf(number)])),
  };
}
