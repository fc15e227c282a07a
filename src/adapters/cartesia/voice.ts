import type { Utterance, Voice } from '../../actors/voice.ts';
import type { Clock } from '../../clock.ts';
import type { Failure } from '../../failure.ts';
import type { Secret } from '../../secret.ts';
import { shielded, type Threw } from '../shielded.ts';
import { createPool } from './pool.ts';
import { createUtterance } from './utterance.ts';

export interface CartesiaOptions {
  readonly apiKey: Secret;
  /** `https://…`; the SDK speaks wss to it whatever is written here. */
  readonly baseUrl: string;
  readonly voiceId: string;
  readonly clock: Clock;
  /** A dated snapshot, so that a voice does not change under a running agent. */
  readonly modelId?: string;
  readonly version?: string;
  /** PEM of a CA to trust instead of the usual ones. */
  readonly ca?: string;
  readonly handshakeTimeoutMs?: number;
  /** Utterances that share a socket. */
  readonly perSocket?: number;
  readonly contextIdleMs?: number;
  /** How long an idle socket is kept; the vendor closes it after five minutes. */
  readonly idleMs?: number;
  /** Told when a receiver of facts threw: that fact is lost. */
  readonly threw?: Threw;
}

export interface CartesiaVoice extends Voice {
  /** Opens a socket ahead of need and proves the key: what is said within half of `idleMs` finds it open. Gives what was wrong. */
  warm(): Promise<Failure | undefined>;
  /** Speaks over new sockets from now on; who is on an old one is still spoken to over it. */
  drop(): void;
  /** Closes all sockets; live utterances fail. */
  close(): void;
}

const silent: Utterance = { say: () => undefined, end: () => undefined };

/** Cartesia's voices over its SDK's socket; words come with their times. */
export function createCartesia(options: CartesiaOptions): CartesiaVoice {
  const { clock, voiceId, modelId = 'sonic-3.5-2026-05-04', contextIdleMs = 800 } = options;
  const pool = createPool({
    apiKey: options.apiKey,
    baseUrl: options.baseUrl,
    version: options.version ?? '2026-08-14',
    handshakeTimeoutMs: options.handshakeTimeoutMs ?? 5000,
    clock,
    perSocket: options.perSocket ?? 8,
    idleMs: options.idleMs ?? 240_000,
    scrub: (failure) => ({ ...failure, message: options.apiKey.hideIn(failure.message) }),
    ...(options.ca !== undefined && { ca: options.ca }),
  });
  return {
    name: 'cartesia',
    utter({ signal, id, language }, report) {
      if (signal.aborted) return silent;
      return createUtterance({
        id,
        manner: { modelId, voiceId, language },
        pool,
        clock,
        signal,
        contextIdleMs,
        report: shielded(report, options.threw),
      });
    },
    warm: pool.warm,
    drop: pool.drop,
    close: pool.close,
  };
}
