import { type AnyMachineSnapshot, raise } from 'xstate';
import type { CallContext } from '../../src/machines/call/context.ts';
import { agentLine, heardMs, nearlyDone, pendingText, questionWasHeard } from '../../src/machines/call/said.ts';
import { owedBefore, owesLastTurn } from '../../src/machines/call/owed.ts';
import { chart } from '../../src/machines/call/setup.ts';
import { asksToHold, isBackchannel, isFarewell } from '../../src/machines/call/words.ts';
import { pathOf } from './state-nodes.ts';
import type { Event } from './tour.ts';

const of = (state: AnyMachineSnapshot) => state.context as CallContext;

/** What the conversation sees of the other regions: words, voice, a link that breaks, a transcriber that is lost. */
export const surroundings = {
  voice: chart.createStateConfig({
    initial: 'attached',
    states: {
      attached: {
        initial: 'off',
        states: {
          off: { on: { 'caller.voice_started': { target: 'on', actions: 'noteVoiceStart' } } },
          on: { on: { 'caller.voice_stopped': { target: 'off', actions: 'noteVoiceStop' } } },
        },
      },
    },
  }),
  line: chart.createStateConfig({
    type: 'parallel',
    states: {
      patience: {
        initial: 'works',
        states: {
          works: { on: { 'line.reconnecting': 'broken' } },
          broken: { on: { 'line.reconnected': 'works' } },
        },
      },
      link: {
        initial: 'attached',
        states: {
          attached: {
            initial: 'joined',
            states: {
              joined: {
                initial: 'present',
                states: {
                  present: { on: { 'caller.left': 'missing' } },
                  missing: { on: { 'caller.joined': 'present' } },
                },
              },
            },
          },
        },
      },
    },
  }),
  hearing: chart.createStateConfig({
    initial: 'attached',
    states: {
      attached: {
        initial: 'transcribing',
        on: { 'stt.words': { actions: 'absorb' } },
        states: {
          transcribing: {
            initial: 'open',
            states: { open: { on: { 'stt.failed': '#call.live.hearing.attached.reopening' } } },
          },
          reopening: {
            on: {
              'stt.opened': 'transcribing',
              'stt.failed': { target: 'deaf', actions: raise({ type: 'hearing.lost' }) },
            },
          },
          deaf: {},
        },
      },
    },
  }),
};

const isIn = (state: AnyMachineSnapshot, path: string) =>
  state._nodes.some((node) => node.type === 'atomic' && pathOf(node).includes(path));

/** Under a number that was never used. */
const said = ({ pending, turn, history, lastSoundAt }: CallContext, text: string, final: boolean): Event => {
  const used = Math.max(pending.at(-1)?.id ?? 0, 1000 * turn + 10 * history.length);
  return { type: 'stt.words', utterance: used + 1, text, final, at: lastSoundAt };
};

/** Other words for a turn that was taken. */
function amended(context: CallContext): Event[] {
  const line = context.history.findLast((each) => each.who === 'caller');
  const utterance = line?.who === 'caller' ? line.utterances.at(-1) : undefined;
  if (!utterance || utterance.id < 0) return [];
  const text = utterance.text === 'Two nights' ? 'Ten nights' : 'Two nights';
  return [{ type: 'stt.words', utterance: utterance.id, text, final: true, at: context.lastSoundAt }];
}

const asking = 'Two nights? We have a room with a view of the lake.'.split(' ');
const telling = 'We have a room with a view of the lake and a balcony.'.split(' ');

const asks = new Set(['disclose', 'greet', 'answer']);
const wordsOfTurn = ({ ask }: CallContext) => (asks.has(ask) ? asking : telling);

/** What of the agent's turn is heard next: some of it, all but a word. */
function heard(context: CallContext): Event[] {
  const line = agentLine(context);
  const words = wordsOfTurn(context);
  const steps = [
    [3, 700],
    [words.length - 1, 3000],
  ] as const;
  const next = steps.find(([count]) => line && line.owed !== '' && line.heard.length < count);
  if (!line || !next) return [];
  const [count, ms] = next;
  return [{ type: 'playback.heard', turn: line.turn, words: words.slice(line.heard.length, count), heardMs: ms }];
}

const speaks = ['thinking', 'speaking', 'bargeIn'];

const stopped = (at: number, echo = false): Event => ({ type: 'caller.voice_stopped', quietMs: 120, echo, at });

function voiceEvents(state: AnyMachineSnapshot): Event[] {
  const { voiceOnAt, voiceOffAt, silentAt } = of(state);
  if (isIn(state, 'voice.attached.off'))
    return [{ type: 'caller.voice_started', onsetMs: 60, levelDb: -20, at: voiceOffAt + 1000 }];
  if (isIn(state, 'bargeIn.silent.voiced')) return [10, 300, 1000, 2500].map((ms) => stopped(silentAt + ms));
  if (isIn(state, 'bargeIn.ducked.voiced')) return [stopped(voiceOnAt + 300), stopped(voiceOnAt + 300, true)];
  return [stopped(voiceOnAt + 300), stopped(voiceOnAt + 900)];
}

function wordEvents(state: AnyMachineSnapshot): Event[] {
  const context = of(state);
  if (pendingText(context).split(' ').length > 6) return [];
  if (isIn(state, 'talking.closing')) return [said(context, 'bye', true), said(context, 'What about breakfast?', true)];
  const plain = [said(context, 'What does a room cost?', true), said(context, 'mm-hm', false)];
  if (isIn(state, 'settling') || isIn(state, 'callerTalking'))
    return [...plain, said(context, 'Hold on a second', true)];
  if (isIn(state, 'silent')) return [...plain, said(context, 'mm-hm', true), ...amended(context)];
  return isIn(state, 'replying') ? [...plain, ...amended(context)] : plain;
}

/** Something is to follow this turn: what else may happen in it was walked without that. */
const isSettled = (context: CallContext) =>
  context.afterReply !== 'listen' || agentLine(context)?.troubled !== undefined || context.ask === 'say';

function agentEvents(state: AnyMachineSnapshot): Event[] {
  const context = of(state);
  const { turn } = context;
  const isWorded = agentLine(context)?.owed !== '';
  const text = wordsOfTurn(context).join(' ');
  const endings = isIn(state, 'speaking') && !isSettled(context);
  return [
    ...(isWorded
      ? [
          { type: 'playback.started', turn },
          { type: 'playback.finished', turn },
          { type: 'playback.starved', turn },
        ]
      : [{ type: 'reply.worded', turn, text }]),
    ...(endings
      ? [
          { type: 'reply.farewell_asked', turn },
          { type: 'reply.digits_asked', turn, max: 2, terminator: '#' },
          { type: 'reply.troubled', turn, part: 'voice' },
        ]
      : []),
    ...(isSettled(context) ? [] : heard(context)),
  ];
}

/** What a reply tells besides: no state hangs on it. */
const tellings = ({ turn }: CallContext): Event[] => [
  { type: 'reply.vendor_failed', turn, part: 'model', name: 'openai/one' },
  { type: 'reply.vendor_worked', turn, part: 'model', name: 'openai/one' },
  { type: 'reply.tool_started', turn, id: 'a', key: 'k', name: 'room_price', input: '{}', effect: 'none' },
  { type: 'reply.tool_finished', turn, key: 'k', ok: true, text: '90' },
];

function callerEvents(state: AnyMachineSnapshot): Event[] {
  return [
    { type: 'caller.turn_maybe_ended' },
    { type: 'caller.turn_resumed' },
    { type: 'caller.turn_ended' },
    { type: 'caller.digit', digit: '1' },
    ...(isIn(state, 'collectingDigits') ? [{ type: 'caller.digit', digit: '#' }] : []),
    ...voiceEvents(state),
    ...wordEvents(state),
  ];
}

/** What may happen to a conversation. */
function happenings(state: AnyMachineSnapshot): Event[] {
  const isSpeaking = speaks.some((each) => isIn(state, each));
  if (isIn(state, 'leaving') || isIn(state, 'ended')) return [{ type: 'line.hung_up' }, { type: 'test.again' }];
  if (isIn(state, 'hearing.attached.reopening')) return [{ type: 'stt.failed' }, { type: 'stt.opened' }];
  if (isIn(state, 'ringing'))
    return [
      { type: 'caller.answered' },
      { type: 'stt.failed' },
      { type: 'call.hang_up' },
      { type: 'call.give_up' },
      { type: 'call.restored', epoch: 2 },
    ];
  const commands = hasNothingElse(state)
    ? [
        { type: 'call.say', text: 'One word from us.' },
        { type: 'call.hang_up' },
        { type: 'call.give_up' },
        { type: 'call.restored', epoch: 2 },
        { type: 'call.hand_over' },
        { type: 'hearing.lost' },
        { type: 'call.avoid', vendors: ['groq/two'] },
        ...(isIn(state, 'speaking') ? tellings(of(state)) : []),
      ]
    : unheardCommands(state);
  if (isSpeaking && isSettled(of(state))) return [...commands, ...agentEvents(state), ...wordEvents(state)];
  return [...commands, ...callerEvents(state), ...(isSpeaking ? agentEvents(state) : [])];
}

/** Whoever is in the middle of a sentence may be cut off too. */
const unheardCommands = (state: AnyMachineSnapshot): Event[] => {
  const restored = { type: 'call.restored', epoch: 2 };
  if (isIn(state, 'collectingDigits.between')) return [restored];
  return isIn(state, 'callerTalking.worded') ? [{ type: 'call.hang_up' }, restored] : [];
};

/** Commands and breaking actors are tried once in every place, whatever else is known there. */
export function hasNothingElse(state: AnyMachineSnapshot): boolean {
  const context = of(state);
  if (isIn(state, 'talking.closing')) return true;
  const mayBeOn = isIn(state, 'oiced') || isIn(state, 'guarded') || isIn(state, 'callerTalking');
  const isQuiet = mayBeOn || isIn(state, 'voice.attached.off');
  return isQuiet && pendingText(context) === '' && !isSettled(context) && heardMs(context) < 300;
}

/** A caller who leaves while the agent speaks, and comes back. */
const comings = (state: AnyMachineSnapshot): Event[] => {
  if (isIn(state, 'joined.missing')) return [{ type: 'caller.joined' }];
  return isIn(state, 'speaking') || owesLastTurn(of(state)) ? [{ type: 'caller.left' }] : [];
};

/** The way to the caller was dead while he seemed to hear the end of what was said. */
const unheard = (state: AnyMachineSnapshot): Event[] =>
  isIn(state, 'quiet') ? [{ type: 'playback.unheard', turn: of(state).turn, words: 1, heardMs: 0 }] : [];

/** Little but the agent's turns, silence and a link that breaks: what counters, the link and the caller's place have to say. */
export function quietEvents(state: AnyMachineSnapshot): Event[] {
  const { turn, lastSoundAt: at } = of(state);
  if (isIn(state, 'leaving') || isIn(state, 'ended')) return [{ type: 'test.again' }];
  return [
    { type: 'caller.answered' },
    { type: 'line.reconnecting' },
    { type: 'line.reconnected' },
    { type: 'caller.digit', digit: '1' },
    { type: 'playback.started', turn },
    { type: 'playback.finished', turn },
    { type: 'reply.troubled', turn, part: 'model' },
    { type: 'reply.digits_asked', turn, max: 2, terminator: '#' },
    ...(isIn(state, 'listening') ? [said(of(state), 'Hold on a second', true)] : []),
    ...(isIn(state, 'lastWord') ? [said(of(state), 'What about breakfast?', true)] : []),
    ...unheard(state),
    ...comings(state),
  ].map((event) => ({ at, ...event }));
}

/** The caller speaks and the transcriber is heard. */
export function turnEvents(state: AnyMachineSnapshot): Event[] {
  const { turn, lastSoundAt: at } = of(state);
  if (isIn(state, 'leaving') || isIn(state, 'ended')) return [{ type: 'test.again' }];
  return [
    { type: 'caller.answered' },
    { type: 'playback.finished', turn },
    { type: 'caller.turn_maybe_ended' },
    { type: 'caller.turn_ended' },
    ...(isIn(state, 'quiet') ? [{ type: 'stt.failed' }, { type: 'stt.opened' }] : []),
    ...voiceEvents(state),
    ...wordEvents(state),
  ].map((event) => ({ at, ...event }));
}

/** The first ear is lost, and words come late. */
export function lateEvents(state: AnyMachineSnapshot): Event[] {
  const { turn, lastSoundAt: at } = of(state);
  if (isIn(state, 'leaving') || isIn(state, 'ended')) return [{ type: 'test.again' }];
  return [
    { type: 'caller.answered' },
    ...(isIn(state, 'transcribing') ? [{ type: 'stt.failed' }] : []),
    { type: 'stt.nothing' },
    { type: 'playback.finished', turn },
    ...(isIn(state, 'listening') && pendingText(of(state)) === ''
      ? [said(of(state), 'What does a room cost?', true)]
      : []),
    ...(isIn(state, 'listening') ? voiceEvents(state) : []),
  ].map((event) => ({ at, ...event }));
}

export function lateFacts(state: AnyMachineSnapshot): unknown {
  const { ask, lastSoundAt, hearingSettledAt, voiceStartedAt } = of(state);
  return [conversationFacts(state), ask, lastSoundAt > hearingSettledAt, lastSoundAt - voiceStartedAt >= 200];
}

export const conversationEvents = (state: AnyMachineSnapshot): Event[] =>
  happenings(state).map((event) => ({ at: of(state).lastSoundAt, ...event }));

function pendingClass(context: CallContext): string {
  const text = pendingText(context);
  if (!text) return 'none';
  if (asksToHold(text)) return 'hold';
  if (isBackchannel(text)) return context.pending.every(({ final }) => final) ? 'listens' : 'listens, outstanding';
  return isFarewell(text) ? 'bye' : 'speech';
}

const askClass = (context: CallContext): string => {
  if (context.ask === 'say') return `say, ${owedBefore(context).kind}`;
  return context.ask === 'answer' ? 'answer' : 'other';
};

/** What follows the turn. */
const endClass = (context: CallContext): string =>
  agentLine(context)?.troubled ? 'troubled' : context.ask === 'say' ? '' : context.afterReply;

const heardClass = (context: CallContext) => [heardMs(context) >= 300, questionWasHeard(context), nearlyDone(context)];

/** What guards of the conversation read, as far as it matters where it is. */
export function conversationFacts(state: AnyMachineSnapshot): unknown {
  const context = of(state);
  const pending = pendingClass(context);
  const { digits } = context;
  const silence = context.voiceOffAt - context.silentAt;
  if (isIn(state, 'collectingDigits')) return [pending, Math.min(digits.length, 3), digits.endsWith('#')];
  if (isIn(state, 'settling')) return [pending, context.lastSoundAt - context.voiceStartedAt >= 500];
  if (isIn(state, 'callerTalking.worded')) return [pending, context.tries > 0];
  if (isIn(state, 'quiet')) return [pending, owesLastTurn(context)];
  if (isIn(state, 'listening')) return [pending];
  if (isIn(state, 'farewell')) return [agentLine(context)?.owed === ''];
  if (isIn(state, 'lastWord')) return [pending, context.why === undefined || context.why === 'caller silent'];
  if (isIn(state, 'thinking')) return [pending, askClass(context), agentLine(context)?.owed === '', endClass(context)];
  if (isIn(state, 'speaking')) return [pending, askClass(context), endClass(context), ...heardClass(context)];
  if (isIn(state, 'ducked')) return [pending, askClass(context), ...heardClass(context)];
  if (isIn(state, 'silent'))
    return [pending, askClass(context), heardMs(context) >= 300, [250, 650, 1900].filter((ms) => silence > ms).length];
  return [];
}
