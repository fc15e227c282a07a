import type { Target } from '../../targets.ts';

/** More of what was tried fails, or less of it goes well, than is allowed (SPEC D5.2). */
export const mostFailing = 0.01;

export interface Limit {
  /** Up to here an answer is in time. */
  readonly latencyMs: number;
  readonly because: string;
}

const document = { latencyMs: 100, because: 'what is agreed for an API' } as const;
const freshConnection = { latencyMs: 300, because: 'each look makes a connection of its own, TLS with it' } as const;
const overInternet = {
  latencyMs: 1500,
  because: 'a fresh TLS connection over the Internet and a list that is long',
} as const;

/** How fast each target is to answer a probe. */
export const limitOf: Readonly<Record<Target, Limit>> = {
  'livekit-room': document,
  'livekit-egress': document,
  'livekit-ingress': document,
  'livekit-sip': document,
  'livekit-connect': freshConnection,
  redis: document,
  'sip-gateway': document,
  'sip-worker': freshConnection,
  'egress-worker': freshConnection,
  'ingress-worker': freshConnection,
  deepgram: overInternet,
  openai: overInternet,
  groq: overInternet,
  cartesia: overInternet,
};

/** How fast a vendor is to be in a call: callers hear what takes longer. */
const inCalls: Readonly<Record<string, Limit>> = {
  stt: { latencyMs: 1500, because: 'sound is kept for 5 s until the stream is open' },
  model: { latencyMs: 1200, because: 'after that a filler is said' },
  voice: { latencyMs: 800, because: 'with the model’s time the caller waits for both' },
};

/**
 * What an operation may take; nothing where its time says nothing about the target: what a recorder, a telephone or a participant
 * must answer takes as long as they take.
 */
export function latencyLimit(target: Target, operation: string, by: 'use' | 'probe'): number | undefined {
  if (by === 'probe' || /^(?:List|Get)/.test(operation)) return limitOf[target].latencyMs;
  return inCalls[operation]?.latencyMs;
}

/** Without these no call can be taken or heard. */
export const vital: readonly Target[] = ['livekit-room', 'livekit-connect'];
