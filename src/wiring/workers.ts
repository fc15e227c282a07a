import { availableParallelism } from 'node:os';
import { runWorker } from '../actors/run-worker.ts';
import { forkWorker } from '../adapters/process/worker-child.ts';
import { createWorker } from '../machines/worker/worker.machine.ts';
import { type VendorName, vendorNames } from '../config.ts';
import type { CpuShare } from '../runtime/cpu-share.ts';
import type { EgressBook } from '../runtime/egress-book.ts';
import { mostCallsEach } from '../runtime/workers/choose.ts';
import type { FromWorker } from '../runtime/workers/messages.ts';
import { createPool, type PoolOptions, type WorkerPool } from '../runtime/workers/pool.ts';
import { createRecorderDesk, type RecorderDesk } from '../runtime/workers/recorders.ts';
import type { Care } from './care.ts';
import type { InstanceOptions } from './instance.ts';
import type { Runner } from './runner.ts';

/** Runs calls in processes of their own. */
export interface Workers extends Runner {
  readonly pool: WorkerPool;
  /** Calls that they take together. */
  readonly capacity: number;
}

/** How many there are to be: one for each core that this process may use, or as many as are asked for. */
const countOf = (workers: number | 'auto'): number => (workers === 'auto' ? availableParallelism() : workers);

/** Nothing where this process is to run its calls itself. */
export function openWorkers(
  options: InstanceOptions,
  { egresses, care, cpu }: { readonly egresses: EgressBook; readonly care: Care; readonly cpu: CpuShare },
): Workers | undefined {
  const { posture, config, secrets } = options;
  const keyOf = (vendor: VendorName) => ({ vendor, place: secrets.vendors[vendor]?.place() ?? 0 });
  const workers = countOf(config.workers);
  if (workers === 0) return undefined;
  let failsafe: string | undefined;
  const desk: RecorderDesk = createRecorderDesk(egresses, (callKey, fact) => pool.record(callKey, fact));
  const heard = (message: FromWorker, pid: number) => {
    if (message.type === 'pulse') cpu.note(pid, message.cpuMs);
    if (message.type === 'ready') ({ failsafe } = message);
    if (message.type === 'told') tellAll(care, message);
    desk.heard(message);
  };
  const keys = () => vendorNames.map(keyOf).filter(({ place }) => place > 0);
  const pool = createPool({
    ...processesOf(options),
    workers,
    posture: posture.now,
    keys,
    heard,
    left: desk.left,
  });
  const unwatch = posture.watch(pool.setPosture);
  return {
    pool,
    capacity: workers * mostCallsEach,
    run: pool.run,
    connections: vendorNames.map((vendor) => ({
      to: [vendor],
      what: `the pools to ${vendor} of all processes that run calls`,
      renew: async () => void pool.setKey(keyOf(vendor)),
    })),
    failsafeHeard: () => failsafe,
    handOver: pool.handOver,
    letGo: pool.close,
    async close() {
      unwatch();
      await pool.close();
    },
  };
}

const processesOf = ({ clock, log }: InstanceOptions): Pick<PoolOptions, 'start' | 'machineOf' | 'clock' | 'gone'> => ({
  start: forkWorker,
  machineOf: (worker) => createWorker({ runWorker: runWorker(worker, clock) }),
  clock,
  gone({ pid, how, calls }) {
    const fields = { code: 'worker.gone', pid, how, calls: calls.length };
    if (calls.length > 0 || (how !== 'left' && how !== 'worn'))
      log.error(fields, 'a process that ran calls ended: others take its calls');
    else log.info(fields, 'a process that ran calls was asked to end');
  },
});

/** What calls of other processes tell is counted as if they ran here. */
function tellAll({ notices, looks, sightings }: Care, told: Extract<FromWorker, { type: 'told' }>): void {
  told.notices.forEach(notices.tell);
  told.looks.forEach(looks.tell);
  told.sightings.forEach(sightings.tell);
}
