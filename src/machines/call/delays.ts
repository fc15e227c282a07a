import { delaysMs } from '../deadlines.ts';
import { type CallContext, pendingText } from './context.ts';
import type { CallEvent } from './events.ts';
import { hearingDelaysMs, mostStalls } from './guards.ts';
import { delayOf } from './times.ts';
import { commitMsOf } from './words.ts';

interface Args {
  readonly context: CallContext;
  readonly event: CallEvent;
}

/** A vendor's end of turn comes about this long after the last sound, when our own detector still hears something. */
const vendorQuietMs = 150;
/** A transcriber that decides is waited for so long; then the machine begins to answer. */
const verdictMissingMs = 1500;
/** Several streams in a row were silent: whoever speaks is not kept waiting for the next one. */
const suspectOwedMs = 1000;
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

/** The words of the turn that is being decided on. */
function turnText(context: CallContext): string {
  const last = context.history.findLast((line) => line.who === 'caller');
  return pendingText(context) || (last?.who === 'caller' ? last.text : '');
}

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
    context.agent.sttDecides ? verdictMissingMs : commitMsOf(turnText(context)),
  ),
  turnConfirmed: sinceLastSound((context) =>
    context.agent.sttDecides ? delaysMs.turnConfirmed : commitMsOf(turnText(context)),
  ),
  wordsOwed: ({ context }: Args) => (context.hearingTries < mostStalls ? delaysMs.wordsOwed : suspectOwedMs),
  hearingRetry: ({ context }: Args) => hearingDelaysMs[context.hearingTries - 1] ?? delaysMs.hearingRetry,
};
