import type { CallContext } from './context.ts';
import type { CallEvent } from './events.ts';

/** What the machine knows of one of the agent's transcribers. */
export interface EarFacts {
  readonly vendor: string;
  /** It decides that a turn has ended; else the machine does. */
  readonly decides: boolean;
  /** It tells words while they are spoken; else when the utterance is over. */
  readonly tellsEarly: boolean;
}

/** Which of the agent's ears hears, and what became of the others; by their places in its list. */
export interface EarsNow {
  readonly ear: number;
  /** Given up since words were last heard, in order. */
  readonly lost: readonly number[];
  /** Refused for as long as the call lasts. */
  readonly barred: readonly number[];
  /** How often in a row the first one was tried again in vain, and when it may be next. */
  readonly trials: number;
  readonly againAt: number;
  /** The first one failed; else it only said nothing of what may have been noise. */
  readonly broken: boolean;
  /** How often, since words were last heard, a backup found nothing in what the first one had said nothing of. */
  readonly noises: number;
}

export const freshEars: EarsNow = { ear: 0, lost: [], barred: [], trials: 0, againAt: 0, broken: false, noises: 0 };

export const earNow = ({ agent, ears }: CallContext): EarFacts => agent.ears[ears.ear] ?? agent.ears[0]!;

/** Waits before a transcriber is opened anew; after the last of them it is given up. */
export const hearingDelaysMs = [100, 500, 1000];

/** Noise so often in a row is a place with noise. */
export const mostNoises = 2;

/** A stream that broke or did not open may be well again after this, doubled with each trial; one that only fell silent, sooner. */
const brokenCoolsMs = 5000;
const silentCoolsMs = 1000;
const mostCoolsMs = 60_000;
/** What a vendor asks for is kept to within this. */
const longestCoolsMs = 600_000;

const failureOf = (event: CallEvent) => (event.type === 'stt.failed' ? event.failure : undefined);

const isBarred = ({ ears }: CallContext, event: CallEvent, index: number): boolean =>
  ears.barred.includes(index) || (index === ears.ear && failureOf(event)?.retryable === false);

export const avoids = ({ agent, avoided }: CallContext, index: number): boolean =>
  avoided.includes(agent.ears[index]?.vendor ?? '');

/** Each is given up so often, since words were last heard, and no oftener. */
const mostLosses = 2;

/**
 * The ear that is to be tried when this one is given up: the one that was lost least often since words were last heard, at best
 * of a vendor that is not to be avoided, and another one than this.
 */
export function nextEar(context: CallContext, event: CallEvent): number | undefined {
  const { agent, ears } = context;
  const losses = (index: number) => ears.lost.filter((lost) => lost === index).length;
  const doubt = (index: number) =>
    4 * losses(index) +
    2 * Number(avoids(context, index)) +
    Number(agent.ears[index]?.vendor === earNow(context).vendor);
  const [best] = [...agent.ears.keys()]
    .filter((index) => index !== ears.ear && !isBarred(context, event, index) && losses(index) < mostLosses)
    .toSorted((a, b) => doubt(a) - doubt(b));
  return best;
}

/** This ear is given up for the next one. */
export function changedEar(context: CallContext, event: CallEvent, now: number): Partial<CallContext> {
  const { ears } = context;
  const next = nextEar(context, event) ?? ears.ear;
  const barred = isBarred(context, event, ears.ear) ? [...ears.barred, ears.ear] : ears.barred;
  const changed = { ...ears, ear: next, lost: [...ears.lost, ears.ear], barred };
  if (ears.ear > 0) return { hearingTries: 0, ears: changed };
  const broken = !isSilence(event);
  return { hearingTries: 0, ears: { ...changed, broken, againAt: now + coolsMs(ears, event) } };
}

function coolsMs({ trials }: EarsNow, event: CallEvent): number {
  const ownMs = (isSilence(event) ? silentCoolsMs : brokenCoolsMs) * 2 ** Math.min(trials, 6);
  return Math.min(longestCoolsMs, Math.max(Math.min(mostCoolsMs, ownMs), failureOf(event)?.retryAfterMs ?? 0));
}

const isSilence = (event: CallEvent): boolean => event.type.startsWith('xstate.after.wordsOwed.');

/** The first ear is tried again, once, while nobody speaks. */
export const triedFirst = ({ ears }: CallContext): Partial<CallContext> => ({
  hearingTries: hearingDelaysMs.length,
  ears: { ...ears, ear: 0, lost: [], trials: ears.trials + 1 },
});

/** Words were heard: whatever was lost before may be tried again. Of a backup, they show that the first ear was not silent for a reason. */
export function workingEars(ears: EarsNow, now: number): EarsNow {
  const works = { ...ears, lost: [], noises: 0 };
  if (ears.ear === 0) return { ...works, trials: 0, broken: false };
  return ears.broken ? works : { ...works, broken: true, againAt: Math.max(ears.againAt, now + brokenCoolsMs) };
}

/** Sound was listened to, and was no speech: the first ear, where it was only silent, was right. */
export function foundNothing(
  { ears }: CallContext,
  { at, behindMs = 0 }: { readonly at: number; readonly behindMs?: number },
): Partial<CallContext> {
  const hearingSettledAt = at - behindMs;
  if (ears.ear === 0 || ears.broken) return { hearingSettledAt };
  return { hearingSettledAt, ears: { ...ears, againAt: at, trials: 0, noises: ears.noises + 1 } };
}
