import { and, not, or, stateIn, type StateValue } from 'xstate';
import type { CallContext } from './context.ts';
import { heardMs, agentLine, nearlyDone, pendingText, questionWasHeard, unheardDisclosure } from './said.ts';
import { avoids, earNow, hearingDelaysMs, mostNoises, nextEar } from './ears.ts';
import type { CallEvent } from './events.ts';
import { owedBefore, owesLastTurn } from './owed.ts';
import { replayedMs } from './heard.ts';
import { timeOf } from './times.ts';
import { asksToHold, isBackchannel, isFarewell } from './words.ts';

interface Args {
  readonly context: CallContext;
  readonly event: CallEvent;
}

const mostTries = 2;
const mostNudges = 2;
/** All of a list failed in two turns in a row: a caller who asks a third time would hear the same. */
const mostTroubles = 2;
export const mostStalls = 2;
const mostHangUps = 3;
const barelyHeardMs = 300;
const spokeMs = 500;
/** While no transcriber hears, a short word is one too. */
const spokeUnheardMs = 200;

const hasWords = ({ context }: Args) => pendingText(context) !== '';

/** "mm-hm" and nothing else, and no question that it could be an answer to. */
const listens = ({ context }: Args) => isBackchannel(pendingText(context)) && !questionWasHeard(context);

const maySpeculate = (args: Args) => args.context.agent.speculate && args.context.tries < mostTries && hasWords(args);

/** A fact about the turn that the agent has now. */
const fitsTurn = ({ context, event }: Args) =>
  'turn' in event && event.turn === context.turn && agentLine(context) !== undefined;

const inTrouble = ({ context }: Args) => context.troubles + 1 >= mostTroubles;

/** How long the caller's voice lasted, once it has stopped. */
const voicedMs = ({ context, event }: Args) =>
  (event.type === 'caller.voice_stopped' ? event.at - event.quietMs : context.lastSoundAt) - context.voiceStartedAt;

/** The caller spoke at least so long and nothing was understood, for the first time. */
const wordless = (leastMs: number) => (args: Args) =>
  voicedMs(args) >= leastMs && args.context.repeats < 1 && !hasWords(args);

const hearing = (attached: StateValue): StateValue => ({ live: { hearing: { attached } } });
const any = or<CallContext, CallEvent, unknown[]>;
const all = and<CallContext, CallEvent, unknown[]>;

const earIsOpen = any([stateIn(hearing({ transcribing: 'open' })), stateIn(hearing({ backup: 'open' }))]);
const isOwing = any([
  stateIn(hearing({ transcribing: { open: 'owing' } })),
  stateIn(hearing({ backup: { open: 'owing' } })),
]);

/** What this ear says nothing of was not noise each time. */
const doubtsEar = ({ context }: Args) => context.ears.noises < mostNoises;

/** The caller has spoken, is quiet, and none of it has become words yet. */
const wordsAreOwed = ({ context, event }: Args) =>
  context.ears.noises < mostNoises &&
  context.lastSoundAt > context.hearingSettledAt &&
  context.lastSoundAt - context.voiceStartedAt >= spokeUnheardMs &&
  timeOf(context, event) - context.lastSoundAt < replayedMs;

/** The voice went on for a while after the last words, or the last words are not settled where they soon should be. */
const spokeUnheard = (args: Args) => {
  const { context, event } = args;
  const lastSoundAt = event.type === 'caller.voice_stopped' ? event.at - event.quietMs : context.lastSoundAt;
  return isUnheard(context, lastSoundAt) || (!earNow(context).decides && context.pending.some(({ final }) => !final));
};

/** Nothing was told of the end of what was said. Who hears whole utterances tells of short ones too. */
function isUnheard(context: CallContext, lastSoundAt: number): boolean {
  const { voiceStartedAt, hearingWordsAt } = context;
  const leastMs = earNow(context).tellsEarly ? spokeMs : spokeUnheardMs;
  return lastSoundAt - Math.max(voiceStartedAt, hearingWordsAt) >= leastMs;
}

/** Words came for a part of what was said, and so late that the rest would too. */
const lagsBehind = ({ context, event }: Args) =>
  event.type === 'stt.words' &&
  !event.final &&
  context.agent.ears.length > 1 &&
  isUnheard({ ...context, hearingWordsAt: event.at - (event.behindMs ?? 0) }, context.lastSoundAt);

/** Another ear could be asked for what was said, if this one tells nothing of its end. */
const owesMoreWords = (args: Args) =>
  args.context.agent.ears.length > 1 && wordsAreOwed(args) && isUnheard(args.context, args.context.lastSoundAt);
const owesWords = (args: Args) => args.context.agent.ears.length > 1 && wordsAreOwed(args);

/** There is another ear to ask, and it will be, or is: words for what was said are only late. */
const wordsAreComing = any([all([owesMoreWords, isOwing]), all([owesWords, not(earIsOpen)])]);

/** Another session of the same transcriber, unless another one would sooner hear what is owed. */
function mayHearAgain(args: Args): boolean {
  const { context, event } = args;
  if (context.hearingTries >= hearingDelaysMs.length) return false;
  if (event.type === 'stt.failed' && !event.failure.retryable) return false;
  const isLimited = event.type === 'stt.failed' && event.failure.sub === 'rate';
  const next = nextEar(context, event);
  const isLast = next === undefined || (next === 0 && context.ears.broken);
  return isLast || !(isLimited || avoids(context, context.ears.ear) || wordsAreOwed(args));
}

/** How long the agent has been silent for the caller. */
const silentMs = ({ context, event }: Args) => timeOf(context, event) - context.silentAt;

const callerIsMissing = or([
  stateIn({ live: { line: { link: { attached: { joined: 'missing' } } } } }),
  stateIn({ live: { line: { link: { attached: { joined: 'returning' } } } } }),
]);

const isDialing = stateIn({ live: { conversation: 'dialing' } });

/** Whoever is recorded was told so before; and once it has been begun it is not begun again. */
const recordingIsDue = ({ context }: Args) =>
  context.agent.recording !== undefined &&
  context.recording === undefined &&
  context.why === undefined &&
  context.agent.disclosure !== '' &&
  unheardDisclosure(context) === '';

const linkIsUp = stateIn({ live: { line: { link: { attached: 'joined' } } } });

export const guards = {
  // What the caller said.
  hasWords,
  hasNoWords: (args: Args) => !hasWords(args),
  listens,
  /** Noted and forgotten, unless the agent is about to end: then it is the caller's next turn. */
  isBackchannel: (args: Args) => listens(args) && !nearlyDone(args.context),
  isRealSpeech: (args: Args) => hasWords(args) && !listens(args),
  asksToHold: ({ context }: Args) => asksToHold(pendingText(context)),
  /** More than a goodbye, in a call that nobody has ended yet. */
  saysMore: ({ context }: Args) =>
    !isFarewell(pendingText(context)) && (context.why === undefined || context.why === 'caller silent'),
  /** No word is on its way, as far as anybody knows. */
  nothingOutstanding: ({ context }: Args) => context.pending.every(({ final }) => final),
  spokeWithoutWords: wordless(spokeMs),
  spokeABitWithoutWords: wordless(spokeUnheardMs),
  earIsShut: not(earIsOpen),
  spokeLong: (args: Args) => voicedMs(args) >= spokeMs,
  voiceIsOn: stateIn({ live: { voice: { attached: 'on' } } }),
  voiceIsOff: stateIn({ live: { voice: { attached: 'off' } } }),
  hearsEcho: ({ event }: Args) => event.type === 'caller.voice_stopped' && event.echo,

  nothingIsSaid: and(['voiceIsOff', 'hasNoWords']),

  // When a turn has ended.
  sttDecides: ({ context }: Args) => earNow(context).decides,
  machineDecides: (args: Args) => !earNow(args.context).decides && hasWords(args),
  maySpeculate,
  mayAnswerByQuiet: and([(args: Args) => maySpeculate(args) && !earNow(args.context).decides, not(wordsAreComing)]),
  mayNudge: ({ context }: Args) => context.nudges < mostNudges,

  // Keys.
  hasDigits: ({ context }: Args) => context.digits !== '',
  hasNoDigits: ({ context }: Args) => context.digits === '',
  digitsComplete: ({ context: { digits, digitsWanted } }: Args) =>
    digits.length >= digitsWanted.max || (digitsWanted.terminator !== '' && digits.endsWith(digitsWanted.terminator)),

  // The agent's turn.
  fitsTurn,
  barelyHeard: ({ context }: Args) => heardMs(context) < barelyHeardMs && agentLine(context)?.ask === 'answer',
  nearlyDone: ({ context }: Args) => nearlyDone(context),
  silentForAMoment: (args: Args) => silentMs(args) < 300,
  silentForAWord: (args: Args) => silentMs(args) < 700,
  silentForAClause: (args: Args) => silentMs(args) < 2000,
  hasDisclosure: ({ context }: Args) => context.agent.disclosure !== '',
  hasGreeting: ({ context }: Args) => context.agent.greeting !== '',
  greetsNext: (args: Args) => fitsTurn(args) && args.context.agent.greeting !== '',
  owesMore: (args: Args) =>
    fitsTurn(args) &&
    agentLine(args.context)?.ask === 'say' &&
    !hasWords(args) &&
    owedBefore(args.context).kind !== 'nothing',
  owesLastTurn: ({ context }: Args) => owesLastTurn(context),
  hangsUpNext: (args: Args) => fitsTurn(args) && args.context.afterReply === 'hangUp',
  collectsNext: (args: Args) => fitsTurn(args) && args.context.afterReply === 'collectDigits',
  transfersNext: (args: Args) => fitsTurn(args) && args.context.afterReply === 'transfer',
  finishesInTrouble: (args: Args) =>
    fitsTurn(args) && agentLine(args.context)?.troubled !== undefined && inTrouble(args),
  inTrouble,

  // Stored phrases and a person, where nothing else works.
  isFailsafe: ({ context }: Args) => context.failsafe === true,
  /** There is a person for the caller, who was not begun to be put through before. */
  failsafeConnects: ({ context }: Args) =>
    context.failsafe === true &&
    context.agent.people.length > 0 &&
    context.caller?.kind === 'sip' &&
    context.history.every(({ who }) => who !== 'tool'),

  // Other telephones.
  callsTooLate: ({ context }: Args) => context.dial?.outcome !== undefined,
  callsOut: ({ context }: Args) => context.dial !== undefined,
  isDialing,
  mayHaveDialled: ({ event }: Args) => event.type === 'dial.failed' && event.outcome.result === 'unknown',
  mayTransfer: ({ context, event }: Args) =>
    'person' in event && context.agent.people.includes(event.person) && context.caller?.kind === 'sip',
  /** The cap on the whole call has passed while it was put through. */
  lastsTooLong: ({ context }: Args) => context.why === 'call too long',
  isReferring: stateIn({ live: { conversation: { talking: { transferring: 'referring' } } } }),
  isTransferred: stateIn({ live: { conversation: { talking: { transferring: 'gone' } } } }),

  // Line and hearing.
  isOurCaller: ({ context, event }: Args) =>
    event.type === 'caller.joined' && (context.caller?.callerKey ?? event.caller.callerKey) === event.caller.callerKey,
  ofThisCaller: ({ context, event }: Args) => 'sid' in event && event.sid === context.caller?.sid,
  /** A call out has one leg, which may have gone before we saw it. */
  ofOurLeg: ({ context, event }: Args) => 'sid' in event && event.sid === (context.caller ?? event).sid,
  mayRejoin: ({ event }: Args) => event.type === 'line.failed' && event.failure.retryable,
  callerIsMissing,
  callerIsThere: not(callerIsMissing),
  callerKnown: ({ context }: Args) => context.caller !== undefined,
  linkIsUp,
  linkIsDown: not(linkIsUp),
  /** Our own link is down, or the caller's is: nothing that is said would be heard, either way. */
  nobodyListens: or([stateIn({ live: { line: { patience: 'broken' } } }), callerIsMissing]),
  mayHangUpAgain: ({ context }: Args) => context.hangUpTries + 1 < mostHangUps,
  mayHearAgain,
  /** Another ear is to be tried, that is not the first of them. */
  mayFallBack: ({ context, event }: Args) => (nextEar(context, event) ?? 0) > 0,
  mayStartOver: ({ context, event }: Args) => nextEar(context, event) === 0,
  hearsByBackup: ({ context }: Args) => context.ears.ear > 0,
  mayTryFirst: ({ context }: Args) => !context.ears.barred.includes(0) && !avoids(context, 0),
  /** Recovery wants another one to be tried first, and none was yet. */
  earIsAvoided: ({ context }: Args) => context.ears.lost.length === 0 && avoids(context, context.ears.ear),
  doubtsEar,
  owesMoreWords,
  lagsBehind,
  wordsAreComing,
  mayAssure: ({ context }: Args) => context.ask !== 'assure',
  earTellsEarly: ({ context }: Args) => earNow(context).tellsEarly,
  wordsAreOwed,
  spokeABit: (args: Args) => voicedMs(args) >= spokeUnheardMs,
  spokeUnheard,
  mayBeStalled: ({ context }: Args) => context.hearingTries < mostStalls,

  // Recording.
  recordingIsDue,
  recordingStops: stateIn({ live: { recording: { kept: 'stopping' } } }),
  recordingWorked: ({ event }: Args) => event.type === 'recording.ended' && event.ok,

  isDeaf: stateIn({ live: { hearing: { attached: 'deaf' } } }),
};
