import { assign, enqueueActions, raise, sendTo, setup } from 'xstate';
import type { LineCommand } from '../../actors/join-room.ts';
import { unwired } from '../../actors/leaf.ts';
import type { PlayCommand } from '../../actors/play.ts';
import type { TranscribeCommand, TranscribeInput } from '../../actors/transcribe.ts';
import type { ResumePoint } from '../../actors/player.ts';
import { delaysMs } from '../deadlines.ts';
import { createReply, placeholders } from '../reply/reply.machine.ts';
import { absorb } from './absorb.ts';
import { type Ask, type CallContext, type CallInput, heardMs, pendingText, questionWasHeard } from './context.ts';
import type { CallEvent } from './events.ts';
import * as history from './history.ts';
import { ofThisTurn } from './question.ts';
import { asksToHold, commitMsOf, hasStopWord, isBackchannel } from './words.ts';

/** The actors of a call. Every key must be given to `createCall`. */
export const actors = {
  joinRoom: unwired<LineCommand, { readonly epoch: number }>('joinRoom'),
  hangUp: unwired<{ type: 'none' }, undefined>('hangUp'),
  watchVoice: unwired<{ type: 'none' }, undefined>('watchVoice'),
  transcribe: unwired<TranscribeCommand, TranscribeInput>('transcribe'),
  play: unwired<PlayCommand, { readonly turn: number }>('play'),
  reply: createReply(placeholders),
};

const mostTries = 2;
const mostNudges = 2;
const mostTroubles = 2;
const barelyHeardMs = 300;
const spokeMs = 500;
const hearingDelaysMs = [100, 500, 1000];

/** The time an event was reported; for timers the last time known. */
const timeOf = (context: CallContext, event: CallEvent): number => ('at' in event ? event.at : context.lastSoundAt);

/** A vendor's end of turn comes about this long after the last sound, when our own detector still waits. */
const vendorQuietMs = 150;

const voiceIsOn = (context: CallContext): boolean => context.voiceStartedAt > context.lastSoundAt;

function quietMsOf(context: CallContext, event: CallEvent): number {
  if (voiceIsOn(context)) return vendorQuietMs;
  return 'at' in event ? event.at - context.lastSoundAt : delaysMs.turnTentative;
}

/** How long our own voice has been silent; asked when the final wait is over. */
const silentMs = (context: CallContext, event: CallEvent): number =>
  ('at' in event ? event.at : context.lastSoundAt + delaysMs.finalWait) - context.silentAt;

/** The words of the turn that is being decided on. */
function turnText(context: CallContext): string {
  const last = context.history.findLast((line) => line.who === 'caller');
  return pendingText(context) || (last?.who === 'caller' ? last.text : '');
}

const nudgeable = ({ context }: { context: CallContext }) => context.nudges < mostNudges;
const backchannel = ({ context }: { context: CallContext }) =>
  isBackchannel(pendingText(context)) && !questionWasHeard(context);

export const chart = setup({
  types: {
    context: {} as CallContext,
    events: {} as CallEvent,
    input: {} as CallInput,
    output: {} as { readonly why: string },
  },
  actors,
  delays: {
    ...delaysMs,
    maxCall: ({ context }) => context.agent.maxCallMs,
    /** Quiet still missing until the words so far make a turn. */
    turnCommits: ({ context, event }) => Math.max(0, commitMsOf(turnText(context)) - quietMsOf(context, event)),
    turnTentative: ({ context, event }) => Math.max(0, delaysMs.turnTentative - quietMsOf(context, event)),
    hearingRetryGrowing: ({ context }) => hearingDelaysMs[context.hearingTries - 1] ?? 1000,
  },
  guards: {
    ofThisTurn: ({ context, event }) => 'turn' in event && ofThisTurn(context, event.turn),
    hasWords: ({ context }) => pendingText(context) !== '',
    isBackchannel: backchannel,
    isRealSpeech: (args) => pendingText(args.context) !== '' && !backchannel(args),
    saysStop: ({ context }) => hasStopWord(pendingText(context)),
    barelyHeard: ({ context }) => heardMs(context) < barelyHeardMs && context.ask === 'answer',
    maySpeculate: ({ context }) => context.agent.speculate && context.tries < mostTries && pendingText(context) !== '',
    sttDecides: ({ context }) => context.agent.sttDecides,
    asksToHold: ({ context }) => asksToHold(pendingText(context)),
    spokeWithoutWords: ({ context }) =>
      context.lastSoundAt - context.voiceStartedAt >= spokeMs && context.repeats < 1 && pendingText(context) === '',
    voiceIsOn: ({ context }) => voiceIsOn(context),
    hasNoWords: ({ context }) => pendingText(context) === '',
    hasDigits: ({ context }) => context.digits !== '',
    callerKnown: ({ context }) => context.caller !== undefined,
    machineDecides: ({ context }) => !context.agent.sttDecides && pendingText(context) !== '',
    mayAnswerByQuiet: ({ context }) =>
      !context.agent.sttDecides && context.agent.speculate && context.tries < mostTries && pendingText(context) !== '',
    mayNudge: nudgeable,
    tooMuchTrouble: ({ context }) => context.troubles > mostTroubles,
    hangsUpNext: ({ context }) => context.afterReply === 'hangUp',
    collectsNext: ({ context }) => context.afterReply === 'collectDigits',
    hearsEcho: ({ event }) => event.type === 'caller.voice_stopped' && event.echo,
    ofThisCaller: ({ context, event }) => 'sid' in event && event.sid === context.caller?.sid,
    digitsComplete: ({ context, event }) =>
      event.type === 'caller.digit' &&
      (event.digit === context.digitsWanted.terminator || context.digits.length + 1 >= context.digitsWanted.max),
    mayHearAgain: ({ context, event }) =>
      context.hearingTries < hearingDelaysMs.length && (event.type !== 'stt.failed' || event.failure.retryable),
    lineMayReturn: ({ context, event }) => 'at' in event && event.at - context.downSince < delaysMs.lineReconnected,
    silentForAMoment: ({ context, event }) => silentMs(context, event) < 300,
    silentForAWord: ({ context, event }) => silentMs(context, event) < 700,
    silentForAClause: ({ context, event }) => silentMs(context, event) < 2000,
    hasDisclosure: ({ context }) => context.agent.disclosure !== '',
    hasGreeting: ({ context }) => context.agent.greeting !== '',
  },
  actions: {
    because: assign((_, why: string) => ({ why })),
    ask: assign((_, ask: Ask) => ({ ask })),
    askToSay: assign(({ event }) => (event.type === 'call.say' ? { ask: 'say' as const, sayText: event.text } : {})),
    beginTurn: assign(({ context, event }) => history.begunTurn(context, timeOf(context, event))),
    cutTurn: assign(({ context }) => history.cutTurn(context)),
    finishTurn: assign(({ context, event }) => ('turn' in event ? history.finishedTurn(context, event.turn) : {})),
    takeTurn: assign(({ context, event }) => history.tookTurn(context, timeOf(context, event))),
    untakeTurn: assign(({ context }) => history.untookTurn(context)),
    noteBackchannel: assign(({ context, event }) => history.notedBackchannel(context, timeOf(context, event))),
    dropPending: assign({ pending: [] }),
    countTry: assign({ tries: ({ context }) => context.tries + 1 }),
    forgetTries: assign({ tries: 0 }),
    countNudge: assign({ nudges: ({ context }) => context.nudges + 1 }),
    countRepeat: assign({ repeats: ({ context }) => context.repeats + 1 }),
    countBargeIn: assign(({ context }) => ({ counts: { ...context.counts, bargeIns: context.counts.bargeIns + 1 } })),
    noteVoiceStart: assign(({ event }) =>
      event.type === 'caller.voice_started' ? { voiceStartedAt: event.at - event.onsetMs } : {},
    ),
    noteVoiceStop: assign(({ event }) =>
      event.type === 'caller.voice_stopped' ? { lastSoundAt: event.at - event.quietMs } : {},
    ),
    noteSilence: assign(({ context, event }) => ({ silentAt: timeOf(context, event) })),
    noteHeard: assign(({ context, event }) =>
      event.type === 'playback.heard' ? history.heardWords(context, event) : {},
    ),
    noteWorded: assign(({ context, event }) => (event.type === 'reply.worded' ? history.worded(context, event) : {})),
    noteToolStarted: assign(({ context, event }) =>
      event.type === 'reply.tool_started' ? history.startedTool(context, event) : {},
    ),
    noteToolFinished: assign(({ context, event }) =>
      event.type === 'reply.tool_finished' ? history.finishedTool(context, event) : {},
    ),
    noteTrouble: assign({ troubles: ({ context }) => context.troubles + 1 }),
    noteCaller: assign(({ event }) => (event.type === 'caller.joined' ? { caller: event.caller } : {})),
    noteDown: assign(({ event }) => ('at' in event ? { downSince: event.at } : {})),
    noteEpoch: assign(({ event }) =>
      event.type === 'call.restored' ? { epoch: event.epoch, downSince: event.at } : {},
    ),
    addDigit: assign(({ context, event }) =>
      event.type === 'caller.digit'
        ? { digits: context.digits + event.digit, counts: { ...context.counts, digits: context.counts.digits + 1 } }
        : {},
    ),
    noteDigitsWanted: assign(({ event }) =>
      event.type === 'reply.digits_asked'
        ? {
            afterReply: 'collectDigits' as const,
            digitsWanted: { max: event.max, terminator: event.terminator },
            digits: '',
          }
        : {},
    ),
    listenNext: assign({ afterReply: 'listen' as const, why: undefined }),
    becauseFarewell: assign(({ context }) => ({ why: context.why ?? 'agent said goodbye' })),
    hangUpNext: assign({ afterReply: 'hangUp' as const }),
    takeDigits: assign(({ context, event }) => {
      const line = `[keys: ${context.digits}]`;
      const pending = [...context.pending, { id: -1 - context.callerTurn, text: line, final: true }];
      return { digits: '', ...history.tookTurn({ ...context, pending }, timeOf(context, event)) };
    }),
    newHearing: assign(({ context }) => ({
      hearingSession: context.hearingSession + 1,
      pending: context.pending.filter(({ final }) => final),
    })),
    countHearing: assign({ hearingTries: ({ context }) => context.hearingTries + 1 }),
    hearingWorks: assign(({ event }) =>
      event.type === 'stt.words' || event.type === 'stt.turn_ended'
        ? { hearingTries: 0, ...('final' in event && !event.final ? {} : { hearingSettledAt: event.at }) }
        : {},
    ),
    absorb: enqueueActions(({ context, event, enqueue }) => {
      if (!('utterance' in event) || !('text' in event)) return;
      const final = !('final' in event) || event.final;
      const absorbed = absorb(context, { id: event.utterance, text: event.text, final });
      enqueue.assign(absorbed.context);
      if (absorbed.said) enqueue.raise({ type: 'caller.said', at: event.at });
      if (absorbed.amended) enqueue.raise({ type: 'caller.amended', at: event.at });
    }),
    tellReply: sendTo('reply', (_, type: 'reply.confirm' | 'reply.starved') => ({ type })),
    tellPlayback: sendTo('playback', (_, command: Exclude<PlayCommand['type'], 'playback.resume'>) => ({
      type: command,
    })),
    resumePlayback: sendTo('playback', (_, from: ResumePoint) => ({ type: 'playback.resume' as const, from })),
    show: raise((_, state: 'listening' | 'thinking' | 'speaking') => ({ type: 'agent.shows' as const, state })),
  },
});
