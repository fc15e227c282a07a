import type { Clock } from '../../clock.ts';
import type { Posture } from '../../posture.ts';
import type { Claim } from '../call-queue.ts';
import type { LiveCalls } from '../live-calls.ts';
import { type ClaimName, type FromWorker, keyOf, readToWorker, type ToWorker, type VendorKey } from './messages.ts';
import type { RemoteRecorders } from './recorders.ts';

export interface ServingOptions {
  readonly send: (message: FromWorker) => void;
  /** All that was told so far is sent. */
  readonly flush: () => void;
  readonly run: (claim: Claim) => Promise<void>;
  readonly calls: Pick<LiveCalls, 'running' | 'command'>;
  readonly recorders: Pick<RemoteRecorders, 'told'>;
  readonly setPosture: (posture: Posture) => void;
  readonly setKey: (key: VendorKey) => void;
  /** Lets go of its calls between two of their turns. */
  readonly handOver: () => void;
  readonly leave: () => void;
}

/** Runs what it is told to run, on behalf of another process. */
export interface Serving {
  hear(message: unknown): void;
  /** Resolves when it has told what came of every claim. */
  settled(): Promise<void>;
}

interface Held {
  readonly lose: AbortController;
  at: number;
  handedOver: boolean;
}

export function createServing(options: ServingOptions): Serving {
  const held = new Map<string, Held>();
  const runs = new Set<Promise<void>>();

  function claimOf({ claim }: Extract<ToWorker, { type: 'run' }>, own: Held): Claim {
    const { callKey, epoch, crashes, attempt } = claim;
    return {
      callKey,
      epoch,
      crashes,
      attempt,
      confirmedAt: () => own.at,
      signal: own.lose.signal,
      handOver: () => void (own.handedOver = true),
    };
  }

  async function run(message: Extract<ToWorker, { type: 'run' }>): Promise<void> {
    const { callKey, epoch, at } = message.claim;
    const own: Held = { lose: new AbortController(), at, handedOver: false };
    held.set(keyOf(message.claim), own);
    const error = await options.run(claimOf(message, own)).then(() => undefined, String);
    held.delete(keyOf(message.claim));
    options.flush();
    const { handedOver } = own;
    options.send({ type: 'settled', callKey, epoch, handedOver, ...(error !== undefined && { error }) });
  }

  async function answer({ id, callKey, command }: Extract<ToWorker, { type: 'ask' }>): Promise<void> {
    const host = options.calls.running().find((each) => each.callKey === callKey);
    const outcome = command && (await options.calls.command(callKey, command));
    options.send({ type: 'answer', id, ...(command ? { outcome } : { value: host?.value() }) });
  }

  const confirm = (claim: ClaimName & { readonly at: number }) => {
    const own = held.get(keyOf(claim));
    if (own) own.at = claim.at;
  };

  const acts: { readonly [Type in ToWorker['type']]: (message: Extract<ToWorker, { type: Type }>) => unknown } = {
    run(message) {
      const own = run(message).finally(() => runs.delete(own));
      runs.add(own);
    },
    confirmed: ({ claims }) => claims.forEach(confirm),
    lost: (claim) => held.get(keyOf(claim))?.lose.abort(),
    posture: ({ posture }) => options.setPosture(posture),
    vendor_key: options.setKey,
    ask: (message) => answer(message).catch(() => undefined),
    recorder: ({ callKey, fact }) => options.recorders.told(callKey, fact),
    hand_over: options.handOver,
    leave: options.leave,
  };

  return {
    hear(raw) {
      const message = readToWorker(raw);
      if (message) (acts[message.type] as (message: ToWorker) => unknown)(message);
    },
    settled: async () => void (await Promise.all(runs)),
  };
}

const pulseMs = 100;

/** Says again and again that the event loop turns. Returns the end of it. */
export function beat(
  clock: Pick<Clock, 'setTimeout' | 'clearTimeout'>,
  send: (message: FromWorker) => void,
  usage: () => { readonly rssBytes: number; readonly cpuMs: number },
): () => void {
  let timer: ReturnType<Clock['setTimeout']>;
  const turn = () => {
    send({ type: 'pulse', ...usage() });
    timer = clock.setTimeout(turn, pulseMs);
  };
  turn();
  return () => clock.clearTimeout(timer);
}
