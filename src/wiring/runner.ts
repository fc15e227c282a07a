import type { Agent } from '../agent.ts';
import type { Clock } from '../clock.ts';
import type { Config, Secrets } from '../config.ts';
import type { CallLog } from '../runtime/call-log.ts';
import type { Claim } from '../runtime/call-queue.ts';
import type { CallStore } from '../runtime/call-store.ts';
import { createCallWorker, type OpenedCall } from '../runtime/call-worker.ts';
import { callersThere } from '../runtime/callers-there.ts';
import type { Connections } from '../runtime/connections.ts';
import type { DialStore } from '../runtime/dial-store.ts';
import type { EgressBook } from '../runtime/egress-book.ts';
import type { LiveCalls } from '../runtime/live-calls.ts';
import type { Logger } from '../runtime/log.ts';
import { createTurnstile } from '../runtime/hand-over.ts';
import type { PostureBoard } from '../runtime/posture-board.ts';
import type { Lines } from './call-lines.ts';
import type { Care } from './care.ts';
import { type ReadyCast, readyCast } from './cast.ts';
import { warnOfCold } from './cold.ts';
import { failsafeHeard } from './failsafe.ts';
import { inspection } from './inspection.ts';
import { createHosts } from './hosts.ts';
import { giveUpCall, openCall } from './open-call.ts';

export interface RunnerOptions {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly agents: readonly Agent[];
  readonly lines: Lines;
  readonly posture: PostureBoard;
  readonly clock: Clock;
  readonly log: Logger;
  readonly stores: { readonly store: CallStore; readonly log: CallLog; readonly dials: DialStore };
  readonly egresses: Pick<EgressBook, 'recorder' | 'callEnded'>;
  /** Where what calls tell goes. */
  readonly told: Pick<Care, 'notices' | 'looks'>;
  readonly running: Pick<LiveCalls, 'add' | 'remove' | 'running'>;
  /** Aborts when the process stops: nothing is tried again then. */
  readonly stopping: AbortSignal;
}

/** Runs calls: agents with their vendors, and ways into rooms. Knows nothing of doors and of the queue. */
export interface Runner {
  /** Runs a call until it is over, or goes on elsewhere. */
  run(claim: Claim): Promise<void>;
  /** What it keeps open to vendors. */
  readonly connections: readonly Connections[];
  /** What new calls would hear in failsafe mode; nothing where nothing could be said. */
  failsafeHeard(): string | undefined;
  /** Lets go of every call between two of its turns: others go on with them. Claims are to have stopped. */
  handOver(): Promise<void>;
  /** Lets go of every call at once, wherever it stands: others go on with them. */
  letGo(): Promise<void>;
  /** Lets go of vendors. The calls are let go of before. */
  close(): Promise<void>;
}

/** As long as a turn may last, most often: then it is cut, and the next owner goes on at the first unheard word. */
const handOverWithinMs = 20_000;
/** As long as a join takes. */
const leavingSpacedMs = 500;

/** With the vendors of its agents. */
export const openRunner = async (options: RunnerOptions): Promise<Runner> =>
  createRunner(options, await openCasts(options));

/** … with vendors that are there already; closed with it. */
export async function createRunner(options: RunnerOptions, casts: readonly ReadyCast[]): Promise<Runner> {
  const { config, log } = options;
  const inspecting = await inspection(config, log);
  const leavings = createLeavings();
  const parts = { ...options, casts, hosts: createHosts(config, options.posture), inspect: inspecting.see };
  return {
    run: workerOf(options, {
      open: (opening) => leavings.of(openCall(parts, opening)),
      giveUp: (call) => giveUpCall(parts, call),
    }),
    connections: casts.flatMap(({ connections }) => connections),
    failsafeHeard: () => failsafeHeard(casts, config.failsafeTransferTo),
    letGo: async () => void (await Promise.all(options.running.running().map((host) => host.abandon()))),
    async handOver() {
      const turn = createTurnstile(options.clock, leavingSpacedMs, options.stopping);
      await Promise.all(options.running.running().map((host) => host.handOver(handOverWithinMs, turn)));
    },
    async close() {
      await leavings.done();
      await Promise.all(casts.map((cast) => cast.close()));
      await inspecting.close();
    },
  };
}

/** Calls that are over here while their lines are still being left. */
function createLeavings() {
  const leaving = new Set<Promise<void>>();
  return {
    of: (call: OpenedCall | undefined): OpenedCall | undefined =>
      call && {
        host: call.host,
        close() {
          const left = call.close().finally(() => leaving.delete(left));
          leaving.add(left);
          return left;
        },
      },
    done: async () => void (await Promise.all(leaving)),
  };
}

async function openCasts({ agents, config, secrets, clock, log }: RunnerOptions): Promise<readonly ReadyCast[]> {
  const threw = (error: unknown) =>
    log.error(
      { code: 'receiver.threw', error: String(error) },
      'what a vendor told a call was lost: its receiver threw',
    );
  const casts = await Promise.all(agents.map((agent) => readyCast(agent, config, secrets, { clock, threw })));
  for (const cast of casts) warnOfUnready(log, cast);
  return casts;
}

function warnOfUnready(log: Logger, { agent, cold, missingClips }: ReadyCast): void {
  warnOfCold(log, cold);
  if (missingClips.length > 0)
    log.warn(
      { code: 'clips.missing', agent: agent.name, count: missingClips.length },
      'stored phrases could not be rendered: a chime stands for them',
    );
}

const workerOf = (
  { stores: { store, dials, log: callLog }, lines: { control }, clock, stopping, running, log }: RunnerOptions,
  { open, giveUp }: Pick<Parameters<typeof createCallWorker>[0], 'open' | 'giveUp'>,
): Runner['run'] =>
  createCallWorker({
    store,
    log: callLog,
    dials,
    clock,
    stopping,
    running,
    open,
    giveUp,
    ...(control && { mayBeThere: callersThere(control.rooms) }),
    unwritten: (callKey, error) =>
      log.error(
        { code: 'call.end_unwritten', callKey, error: String(error) },
        'the end of a call could not be written yet',
      ),
    trouble: (callKey, error) =>
      log.error({ code: 'mail.unreadable', callKey, error: String(error) }, 'a letter to a call could not be read'),
    refused: (callKey) =>
      log.warn({ code: 'caller.second', callKey }, 'a room has a call already: its second caller gets none'),
  });
