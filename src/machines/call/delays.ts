import { delaysMs } from '../deadlines.ts';
import type { CallContext } from './context.ts';
import { earNow, hearingDelaysMs, mostNoises, nextEar } from './ears.ts';
import type { CallEvent } from './events.ts';
import { mostStalls } from './guards.ts';
import { delayOf, turnText, verdictMissingMs } from './times.ts';
import { commitMsOf } from './words.ts';

interface Args {
  readonly context: CallContext;
  readonly event: CallEvent;
}

/** A vendor's end of turn comes about this long after the last sound, when our own detector still hears something. */
const vendorQuietMs = 150;
/** Several streams in a row were silent: whoever speaks is not kept waiting for the next one. */
const suspectOwedMs = 1000;
/** Another transcriber can be asked for what this one owes: it is not waited for so long. */
const owedElsewhereMs = 900;
/** One that hears utterance by utterance has a request to make first. */
const utteranceOwedMs = 2000;
const anotherOpensMs = 1000;
/** The trunk is looked up before the ringing, for 10 s at most, and the gateway tells 4 s after it: the requests end first. */
const dialSlackMs = 20_000;
/** Whoever is put through is told at once that it takes a moment, and then now and again. */
const firstHushMs = 2500;
/** Before goodbye, when nobody has answered "are you still there?" twice. */
const lastSilenceMs = 5000;

function quietMs({ context, event }: Args): number {
  if (context.voiceStartedAt > context.lastSoundAt) return vendorQuietMs;
  if ('at' in event) return event.at - context.lastSoundAt;
  // A word that comes late begins to settle when much of the wait is over.
  const settlingMs = context.settlingAt - context.lastSoundAt;
  return Math.max(settlingMs, delayOf(event) === 'turnCommits' ? verdictMissingMs : delaysMs.turnTentative);
}

function wordsOwedMs({ context, event }: Args): number {
  if (nextEar(context, event) === undefined || context.ears.noises >= mostNoises)
    return context.hearingTries < mostStalls ? delaysMs.wordsOwed : suspectOwedMs;
  return earNow(context).tellsEarly ? owedElsewhereMs : utteranceOwedMs;
}

const nowOf = ({ context, event }: Args): number =>
  'at' in event ? event.at : Math.max(context.lastSoundAt, context.hearingWordsAt, context.heardAt);

/** What is left of a wait that began with the caller's last sound. */
const sinceLastSound = (wait: (context: CallContext) => number) => (args: Args) =>
  Math.max(0, wait(args.context) - quietMs(args));

/** The delays of a call; those that depend on the moment override their longest value. */
export const delays = {
  ...delaysMs,
  maxCall: ({ context }: Args) => context.agent.maxCallMs,
  dialRings: ({ context }: Args) => (context.dial?.ringMs ?? 0) + dialSlackMs,
  transferHushed: ({ context }: Args) => (context.ask === 'assure' ? delaysMs.transferHushed : firstHushMs),
  callerSilent: ({ context }: Args) => (context.nudges < 2 ? delaysMs.callerSilent : lastSilenceMs),
  turnTentative: sinceLastSound(() => delaysMs.turnTentative),
  turnCommits: sinceLastSound((context) =>
    earNow(context).decides ? verdictMissingMs : commitMsOf(turnText(context)),
  ),
  turnConfirmed: sinceLastSound((context) =>
    earNow(context).decides ? delaysMs.turnConfirmed : commitMsOf(turnText(context)),
  ),
  hearingOpens: ({ context, event }: Args) =>
    context.hearingSession > 1 && nextEar(context, event) !== undefined ? anotherOpensMs : delaysMs.hearingOpens,
  hearingCools: ({ context, event }: Args) =>
    Math.min(delaysMs.hearingCools, Math.max(0, context.ears.againAt - nowOf({ context, event }))),
  wordsOwed: (args: Args) => wordsOwedMs(args),
  hearingRetry: ({ context }: Args) => hearingDelaysMs[context.hearingTries - 1] ?? delaysMs.hearingRetry,
};
