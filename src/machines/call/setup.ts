import { assign, enqueueActions, raise, sendTo, setup } from 'xstate';
import type { LineCommand } from '../../actors/join-room.ts';
import type { DialInput } from '../../actors/dial.ts';
import type { NotReached } from '../../actors/dialer.ts';
import { unwired } from '../../actors/leaf.ts';
import type { PlayCommand } from '../../actors/play.ts';
import type { ResumePoint } from '../../actors/player.ts';
import type { RecordCommand, RecordingWish } from '../../actors/record.ts';
import type { TranscribeCommand, TranscribeInput } from '../../actors/transcribe.ts';
import type { TransferInput } from '../../actors/transfer.ts';
import { createReply, placeholders } from '../reply/reply.machine.ts';
import { absorb } from './absorb.ts';
import type { Ask, CallContext, CallInput, Trouble } from './context.ts';
import { agentLine, heardMs } from './said.ts';
import { delays } from './delays.ts';
import { answered, legLeft, outcomeOf, withOutcome } from './dial.ts';
import { enoughDigits, forgotDigits, tookDigits } from './digits.ts';
import { isOwnEcho } from './echo.ts';
import { expectedNext } from './expectation.ts';
import { heardWords, newSession } from './heard.ts';
import { changedEar, foundNothing, triedFirst } from './ears.ts';
import type { CallEvent } from './events.ts';
import { guards } from './guards.ts';
import * as history from './history.ts';
import { timeOf } from './times.ts';
import { begunTransfer, failedTransfer } from './transfer.ts';
import { failed, worked } from './vendor-order.ts';

/** The actors of a call. Every key must be given to `createCall`. */
export const actors = {
  joinRoom: unwired<LineCommand, { readonly epoch: number }>('joinRoom'),
  hangUp: unwired<{ type: 'none' }, undefined>('hangUp'),
  dial: unwired<{ type: 'none' }, DialInput>('dial'),
  findLeg: unwired<{ type: 'none' }, undefined>('findLeg'),
  transfer: unwired<{ type: 'none' }, TransferInput>('transfer'),
  watchVoice: unwired<{ type: 'none' }, undefined>('watchVoice'),
  transcribe: unwired<TranscribeCommand, TranscribeInput>('transcribe'),
  play: unwired<PlayCommand, { readonly turn: number }>('play'),
  record: unwired<RecordCommand, RecordingWish>('record'),
  reply: createReply(placeholders),
};

const whyTroubled = (part: Trouble | undefined): string =>
  part === 'model' ? 'no model' : part === 'voice' ? 'no voice' : 'in trouble';

export const chart = setup({
  types: {
    context: {} as CallContext,
    events: {} as CallEvent,
    input: {} as CallInput,
    output: {} as { readonly why: string },
    tags: {} as 'handedOver' | 'puttingThrough',
  },
  actors,
  delays,
  guards,
  actions: {
    // What the agent says next, and why.
    ask: assign((_, ask: Ask) => ({ ask })),
    askToSay: assign(({ event }) => (event.type === 'call.say' ? { ask: 'say' as const, sayText: event.text } : {})),
    because: assign((_, why: string) => ({ why })),
    becauseTroubled: assign(({ context }) => ({ why: whyTroubled(agentLine(context)?.troubled) })),
    becauseFarewell: assign(({ context }) => ({ why: context.why ?? 'agent said goodbye' })),

    // Turns.
    beginTurn: assign(({ context, event }) => history.begunTurn(context, timeOf(context, event))),
    cutTurn: assign(({ context }) => history.cutTurn(context)),
    finishTurn: assign(({ context, event }) => ('turn' in event ? history.finishedTurn(context, event.turn) : {})),
    forgetReply: assign(({ context }) => history.forgotReply(context)),
    takeTurn: assign(({ context, event }) => history.tookTurn(context, timeOf(context, event))),
    untakeTurn: assign(({ context }) => history.untookTurn(context)),
    noteBackchannel: assign(({ context, event }) => history.notedBackchannel(context, timeOf(context, event))),
    noteTrouble: assign(({ context, event }) =>
      event.type === 'reply.troubled' ? history.troubledTurn(context, event) : {},
    ),
    countTrouble: assign({ troubles: ({ context }) => context.troubles + 1 }),
    hangUpNext: assign({ afterReply: 'hangUp' as const }),
    goOn: assign({ why: undefined }),

    // Counters.
    countTry: assign({ tries: ({ context }) => context.tries + 1 }),
    forgetTries: assign({ tries: 0 }),
    countNudge: assign({ nudges: ({ context }) => context.nudges + 1 }),
    countRepeat: assign({ repeats: ({ context }) => context.repeats + 1 }),
    countHangUp: assign({ hangUpTries: ({ context }) => context.hangUpTries + 1 }),
    countBargeIn: assign(({ context }) =>
      heardMs(context) > 0 ? { counts: { ...context.counts, bargeIns: context.counts.bargeIns + 1 } } : {},
    ),

    // Facts about sound.
    noteVoiceStart: assign(({ event }) =>
      event.type === 'caller.voice_started' ? { voiceStartedAt: event.at - event.onsetMs, voiceOnAt: event.at } : {},
    ),
    noteVoiceStop: assign(({ event }) =>
      event.type === 'caller.voice_stopped' ? { lastSoundAt: event.at - event.quietMs, voiceOffAt: event.at } : {},
    ),
    /** A new detector knows nothing of the voice that the last one heard. */
    noteSettling: assign({ settlingAt: ({ context, event }) => timeOf(context, event) }),
    forgetVoice: assign({ voiceStartedAt: ({ context }) => Math.min(context.voiceStartedAt, context.lastSoundAt) }),
    noteDuck: assign(({ context, event }) => ({ duckedAt: timeOf(context, event) })),
    noteSilence: assign(({ context, event }) => ({ silentAt: timeOf(context, event) })),
    noteHeard: assign(({ context, event }) =>
      event.type === 'playback.heard' ? { ...history.heardWords(context, event), heardAt: event.at } : {},
    ),
    noteUnheard: assign(({ context, event }) =>
      event.type === 'playback.unheard' ? history.unheardWords(context, event) : {},
    ),
    noteWorded: assign(({ context, event }) => (event.type === 'reply.worded' ? history.worded(context, event) : {})),
    noteToolStarted: assign(({ context, event }) =>
      event.type === 'reply.tool_started' ? history.startedTool(context, event) : {},
    ),
    noteToolFinished: assign(({ context, event }) =>
      event.type === 'reply.tool_finished' ? history.finishedTool(context, event) : {},
    ),

    // Vendors.
    noteVendorFailed: assign(({ context, event }) => {
      if (event.type !== 'reply.vendor_failed') return {};
      return failed(context, { ...event, retryAfterMs: event.failure?.retryAfterMs });
    }),
    noteVendorWorked: assign(({ context, event }) =>
      event.type === 'reply.vendor_worked' ? worked(context, event) : {},
    ),
    noteAvoided: assign(({ event }) => (event.type === 'call.avoid' ? { avoided: event.vendors } : {})),

    // Line.
    noteCaller: assign(({ event }) =>
      event.type === 'caller.joined' ? { caller: event.caller, seenAt: event.at } : {},
    ),
    noteEpoch: assign(({ event }) => (event.type === 'call.restored' ? { epoch: event.epoch } : {})),

    // Calls out.
    noteAnswer: assign(({ context, event }) => answered(context, timeOf(context, event))),
    noteOutcome: assign(({ context }, { result }: { readonly result: NotReached }) => withOutcome(context, { result })),
    noteDialFailure: assign(({ context, event }) => withOutcome(context, outcomeOf(event))),
    noteLegLeft: assign(({ context, event }) => withOutcome(context, legLeft(event))),
    tellLegGone: raise({ type: 'leg.gone' }),

    // Putting through.
    noteTransferWanted: assign(({ event }) =>
      event.type === 'call.transfer' || event.type === 'reply.transfer_asked'
        ? { afterReply: 'transfer' as const, transferTo: event.person }
        : {},
    ),
    noteFailsafePerson: assign({ transferTo: ({ context }) => context.agent.people[0] ?? '' }),
    beginTransfer: assign(({ context, event }) => begunTransfer(context, timeOf(context, event))),
    noteTransferFailure: assign(({ context, event }) => failedTransfer(context, event)),

    // Recording.
    noteRecording: assign(({ context }) => ({ recording: context.recording ?? { state: 'begun' as const } })),
    noteRecordingEnded: assign({ recording: { state: 'ended' as const } }),
    noteRecordingFailed: assign(({ event }) => ({
      recording: { state: 'failed' as const, why: ('why' in event && event.why) || 'the recorder did not answer' },
    })),

    // Keys.
    addDigit: assign(({ context, event }) =>
      event.type === 'caller.digit'
        ? { digits: context.digits + event.digit, counts: { ...context.counts, digits: context.counts.digits + 1 } }
        : {},
    ),
    noteDigitsWanted: assign(({ event }) => (event.type === 'reply.digits_asked' ? enoughDigits(event) : {})),
    forgetDigits: assign(({ context }) => forgotDigits(context)),
    takeDigits: assign(({ context, event }) => tookDigits(context, timeOf(context, event))),

    // Hearing.
    newHearing: assign(({ context, event }) => newSession(context, timeOf(context, event))),
    countHearing: assign({ hearingTries: ({ context }) => context.hearingTries + 1 }),
    changeEar: assign(({ context, event }) => changedEar(context, event, timeOf(context, event))),
    tryFirst: assign(({ context }) => triedFirst(context)),
    hearingWorks: assign(({ context, event }) =>
      event.type === 'stt.words' || event.type === 'stt.turn_ended' ? heardWords(context, event) : {},
    ),
    noteNothing: assign(({ context, event }) => (event.type === 'stt.nothing' ? foundNothing(context, event) : {})),
    absorb: enqueueActions(({ context, event, enqueue }) => {
      if (!('utterance' in event) || !('text' in event) || isOwnEcho(context, event.text, event.at)) return;
      const final = !('final' in event) || event.final;
      const absorbed = absorb(context, { id: event.utterance, text: event.text, final });
      enqueue.assign(absorbed.context);
      if (absorbed.said) enqueue.raise({ type: 'caller.said', at: event.at });
      if (absorbed.amended) enqueue.raise({ type: 'caller.amended', at: event.at });
    }),

    tellTranscriber: sendTo('stt', ({ event }) => ({
      type: 'stt.expect' as const,
      expectation: { kind: event.type === 'agent.expects' ? event.kind : 'open' },
    })),

    // Commands to actors of this state or one above.
    tellReply: sendTo('reply', (_, type: 'reply.confirm' | 'reply.starved') => ({ type })),
    tellPlayback: sendTo('playback', (_, command: Exclude<PlayCommand['type'], 'playback.resume'>) => ({
      type: command,
    })),
    resumePlayback: sendTo('playback', (_, from: ResumePoint) => ({ type: 'playback.resume' as const, from })),
    expect: raise(({ context }) => ({ type: 'agent.expects' as const, kind: expectedNext(context) })),
    show: raise((_, state: 'listening' | 'thinking' | 'speaking') => ({ type: 'agent.shows' as const, state })),
  },
});
