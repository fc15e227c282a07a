import { type AnyActorRef, assign, enqueueActions, raise, sendTo, setup, stateIn } from 'xstate';
import { unwired } from '../../actors/leaf.ts';
import type { ClipInput } from '../../actors/play-clip.ts';
import type { ToolsInput } from '../../actors/run-tools.ts';
import type { SpeakCommand, SpeakInput } from '../../actors/speak.ts';
import type { ThinkInput } from '../../actors/think.ts';
import type { Trouble } from '../call/context.ts';
import type { ReplyFact } from '../call/events.ts';
import type { Part } from '../call/vendor-order.ts';
import { delaysMs } from '../deadlines.ts';
import {
  builtIns,
  hasMistakes,
  messagesWithCalls,
  mostRounds,
  ownTools,
  pressesKeys,
  type ReplyContext,
  wordsBefore,
} from './context.ts';
import type { ReplyEvent } from './events.ts';
import type { ReplyInput } from './input.ts';

/** The actors of a reply. Every key must be given to `createReply`. */
export const replyActors = {
  think: unwired<{ type: 'none' }, ThinkInput>('think'),
  speak: unwired<SpeakCommand, SpeakInput>('speak'),
  runTools: unwired<{ type: 'none' }, ToolsInput>('runTools'),
  playClip: unwired<{ type: 'none' }, ClipInput>('playClip'),
};

// oxlint-disable-next-line no-underscore-dangle -- XState has no other name for it, and `sendParent` throws in a reply that runs alone
const parentOf = ({ self }: { self: AnyActorRef }): AnyActorRef => self._parent ?? self;

/** Without a sound the next voice is asked. */
const nextVoiceMs = 600;
/** The caller has waited for the first one before: until the second is heard, a stored phrase is. */
const coveredAfterMs = 300;
/** Whoever has waited before, because it was long in doubt whether he had ended, is told sooner that it takes a moment. */
const mostHushMs = 1250;
const leastHushMs = 300;
/** Without a word the next model is asked. */
const nextModelMs = 2500;
/** After a first try that failed there is less patience. */
const lastTryMs = 2200;

const confirmed = stateIn({ permission: 'confirmed' });
const wordsEnded = stateIn({ words: 'said' });

export const replyChart = setup({
  types: {
    context: {} as ReplyContext,
    events: {} as ReplyEvent,
    input: {} as ReplyInput,
  },
  actors: replyActors,
  delays: {
    ...delaysMs,
    firstSound: ({ context }) => firstSoundMs(context),
    firstAudio: ({ context }) => firstAudioMs(context),
    modelGivesUp: ({ context }) =>
      hasNextModel(context) ? nextModelMs : context.tries === 0 ? delaysMs.modelGivesUp : lastTryMs,
  },
  guards: {
    confirmed,
    wordsEnded,
    isFixed: ({ context }) => context.fixed !== '' && context.unfinished.length === 0,
    resumesTools: ({ context }) => context.unfinished.length > 0,
    hasNextModel: ({ context }) => hasNextModel(context),
    hasNextVoice: ({ context: { voices, silenced } }) => silenced + 1 < voices.length,
    isSecondVoice: ({ context }) => context.silenced > 0,
    /** Where there is but one. */
    mayTryAgain: ({ context, event }) =>
      context.tries < 1 && !context.answered && context.fillers === 0 && isRetryable(event),
    hasOwnTools: ({ context }) => ownTools(context.calls).length > 0,
    pressesKeys: ({ context }) => pressesKeys(context),
    keysArePressed: ({ context }) => pressesKeys(context) && context.failed === 0 && !hasMistakes(context),
    hasMistakes: ({ context }) => hasMistakes(context),
    saysNothing: ({ context }) => saysNothing(context),
    tooManyRounds: ({ context }) => context.round >= mostRounds,
    isUnfilled: ({ context }) => context.fillers === 0,
  },
  actions: {
    // What is owed to the caller.
    owe: raise((_, text: string) => ({ type: 'words.owed' as const, text })),
    owePreface: enqueueActions(({ context, enqueue }) => {
      if (context.preface) enqueue.raise({ type: 'words.owed', text: `${context.preface} ` });
    }),
    oweFixed: raise(({ context }) => ({ type: 'words.owed' as const, text: context.fixed })),
    oweFiller: enqueueActions(({ context, enqueue }) => {
      enqueue.assign({ fillers: context.fillers + 1 });
      enqueue.raise({ type: 'words.owed', text: `${context.meanwhile ?? context.phrases.filler} ` });
    }),
    oweApology: raise(({ context }) => ({ type: 'words.owed' as const, text: context.phrases.apology })),
    oweWordsBefore: enqueueActions(({ context, enqueue }) => {
      const text = wordsBefore(context);
      if (text) enqueue.raise({ type: 'words.owed', text });
    }),
    endWords: raise({ type: 'words.ended' }),

    // What the voice is given.
    noteOwed: assign(({ context, event }) =>
      event.type === 'words.owed' ? { unsaid: [...context.unsaid, event.text] } : {},
    ),
    /** Hands the voice what it may say: everything, or while the turn is tentative the first text only. */
    say: enqueueActions(({ context, enqueue }, all: boolean) => {
      const texts = all ? context.unsaid : context.unsaid.slice(0, context.handed === '' ? 1 : 0);
      for (const text of texts) {
        enqueue.sendTo('speak', { type: 'voice.say', text });
        enqueue.sendTo(parentOf, { type: 'reply.worded', turn: context.turn, text: text.trim() } satisfies ReplyFact);
      }
      enqueue.assign({
        unsaid: context.unsaid.slice(texts.length),
        handed: texts.reduce((joined, text) => joined + spaced(joined) + text, context.handed),
      });
    }),
    listenToVoice: sendTo('speak', { type: 'voice.listen' }),
    endVoice: sendTo('speak', { type: 'voice.end' }),
    /** A voice that comes after another is not told of an end that was told before. */
    endIfSaid: enqueueActions(({ check, enqueue }) => {
      if (check(wordsEnded) && check(confirmed)) enqueue.sendTo('speak', { type: 'voice.end' });
    }),
    nextVoice: assign(({ context: { voices, silenced } }) => ({
      voices: [...voices.slice(1), ...voices.slice(0, 1)],
      silenced: silenced + 1,
    })),
    tellStandIns: sendTo(parentOf, ({ context }): ReplyFact => ({
      type: 'reply.worded',
      turn: context.turn,
      text: context.standIns.join(' '),
    })),

    // What the model wrote.
    noteClause: assign(({ context, event }) =>
      event.type === 'model.clause' ? { written: context.written + event.text, answered: true } : {},
    ),
    noteCalls: assign(({ event }) => (event.type === 'model.tools' ? { calls: event.calls } : {})),
    countTry: assign({ tries: ({ context }) => context.tries + 1 }),
    nextModel: assign(({ context: { models, tries } }) => ({
      models: [...models.slice(1), ...models.slice(0, 1)],
      tries: tries + 1,
    })),

    // How vendors do.
    tellFailed: sendTo(parentOf, ({ context, event }, part: Part): ReplyFact => ({
      type: 'reply.vendor_failed',
      turn: context.turn,
      part,
      name: inUse(context, part),
      ...('failure' in event ? { failure: event.failure } : {}),
    })),
    tellWorked: sendTo(parentOf, ({ context }, part: Part): ReplyFact => ({
      type: 'reply.vendor_worked',
      turn: context.turn,
      part,
      name: inUse(context, part),
    })),
    tellTroubled: sendTo(parentOf, ({ context: { turn } }, part: Trouble): ReplyFact => ({
      type: 'reply.troubled',
      turn,
      part,
    })),

    // Tools.
    carryOutBuiltIns: enqueueActions(({ context, enqueue }) => {
      const { turn } = context;
      for (const each of builtIns(context)) {
        if (each.name === 'end_call')
          enqueue.sendTo(parentOf, { type: 'reply.farewell_asked', turn } satisfies ReplyFact);
        if (each.name === 'collect_digits') {
          const { max, terminator } = each;
          enqueue.sendTo(parentOf, { type: 'reply.digits_asked', turn, max, terminator } satisfies ReplyFact);
        }
        if (each.name === 'transfer_call')
          enqueue.sendTo(parentOf, { type: 'reply.transfer_asked', turn, person: each.to } satisfies ReplyFact);
      }
    }),
    nextRound: assign(({ context }) => ({
      round: context.round + 1,
      fillers: 0,
      tries: 0,
      messages: messagesWithCalls(context),
      written: '',
    })),
    forgetCalls: assign({ calls: [], failed: 0, unfinished: [], meanwhile: undefined }),
    noteMeanwhile: assign(({ event }) =>
      event.type === 'tool.started' && event.meanwhile !== undefined ? { meanwhile: event.meanwhile } : {},
    ),
    noteToolResult: assign(({ context, event }) => {
      if (event.type !== 'tool.finished') return {};
      const result = { role: 'tool' as const, callId: event.id, text: event.text };
      return { messages: [...context.messages, result], failed: context.failed + (event.ok ? 0 : 1) };
    }),
    tellToolStarted: enqueueActions(({ context, event, enqueue }) => {
      if (event.type !== 'tool.started') return;
      const { id, key, name, effect, at } = event;
      const input = context.calls.find((call) => call.id === id)?.input ?? '{}';
      const { turn } = context;
      enqueue.sendTo(parentOf, {
        type: 'reply.tool_started',
        turn,
        id,
        key,
        name,
        effect,
        input,
        at,
      } satisfies ReplyFact);
    }),
    tellToolFinished: enqueueActions(({ context, event, enqueue }) => {
      if (event.type !== 'tool.finished') return;
      const { key, ok, text, at } = event;
      const { turn } = context;
      enqueue.sendTo(parentOf, { type: 'reply.tool_finished', turn, key, ok, text, at } satisfies ReplyFact);
    }),
  },
});

const firstSoundMs = ({ waitedMs, round, silenced, fillers }: ReplyContext): number =>
  round > 0 || silenced > 0 || fillers > 0
    ? delaysMs.firstSound
    : Math.min(delaysMs.firstSound, Math.max(leastHushMs, mostHushMs - waitedMs));

const firstAudioMs = ({ voices, silenced }: ReplyContext): number => {
  if (silenced > 0) return coveredAfterMs;
  return voices.length > 1 ? nextVoiceMs : delaysMs.firstAudio;
};

const hasNextModel = ({ models, tries }: ReplyContext): boolean => tries + 1 < models.length;

/** Neither words nor a wish in this round. Where the caller has heard some of an earlier one, that is enough once nobody else can be asked. */
const saysNothing = (context: ReplyContext): boolean =>
  context.written.trim() === '' && context.calls.length === 0 && (!context.answered || hasNextModel(context));

const inUse = ({ models, voices }: ReplyContext, part: Part): string => (part === 'model' ? models : voices)[0]!;

/** Texts join as they are; one that ends at its last letter was cut there by its length. */
const spaced = (before: string): string => (before === '' || /\s$/.test(before) ? '' : ' ');

const isRetryable = (event: ReplyEvent): boolean => event.type === 'model.failed' && event.failure.retryable;
