// Runs every call it is given until it is killed; hands them over when it is told to end.
import { argv, exit, stdout } from 'node:process';
import { openRedisQueue } from '../../../src/adapters/redis/call-queue.ts';
import { openRedisStores } from '../../../src/adapters/redis/stores.ts';
import { systemClock } from '../../../src/clock.ts';
import type { Claim } from '../../../src/runtime/call-queue.ts';
import { Secret } from '../../../src/secret.ts';
import { recordOf } from '../../support/call-drafts.ts';

const url = new Secret(argv[2] ?? '');
const { store } = await openRedisStores({ url, clock: systemClock, keepMs: 60_000 });
const queue = await openRedisQueue({ url, store, clock: systemClock });
const end = new AbortController();
const say = (line: string): void => void stdout.write(`${line}\n`);

process.on('SIGTERM', () => end.abort());
say('ready');

async function handle({ callKey, epoch, signal, handOver }: Claim): Promise<void> {
  say(`claimed ${callKey} ${epoch}`);
  const over = Promise.withResolvers<'lost' | 'ending'>();
  signal.addEventListener('abort', () => over.resolve('lost'));
  end.signal.addEventListener('abort', () => over.resolve('ending'));
  if ((await over.promise) === 'lost')
    return say(`lost ${callKey} ${await store.commit(recordOf(epoch, 9, { callKey }))}`);
  await store.release(callKey, epoch);
  handOver();
}

await queue.run({ capacity: 100, signal: end.signal }, handle);
exit(0);
